"""What a body or a query may contain: one file per noun, classes named <Verb><Noun>Schema. Colander and nothing else of ours
but ids; `validate` is the way in.
"""

from collections.abc import Mapping as MappingABC
from typing import Any

import colander

from artifactsvc.exceptions import ValidationError


def validate(schema: colander.SchemaNode, value: Any) -> Any:
    """Check `value` against `schema`; returns the checked value, absent members filled in.

    Raises ValidationError with one text per field, `steps.0.status`, and the first of them as its message; with no field for a value
    that is no object.
    """
    try:
        checked = schema.typ.deserialize(schema, value)
        if schema.validator is not None:
            schema.validator(schema, checked)
        return checked
    except colander.Invalid as invalid:
        raise ValidationError(*_texts(invalid)) from None


def _texts(invalid: colander.Invalid) -> tuple[str, dict[str, str]]:
    errors = {}
    for path in invalid.paths():
        where = ".".join(str(problem.pos) if problem.positional else problem.node.name for problem in path if problem.node.name or problem.positional)
        what = next((problem.msg for problem in reversed(path) if problem.msg), "Invalid")
        errors[where] = what
    errors = {where.strip("."): what for where, what in errors.items()}
    where, what = next(iter(errors.items()))
    return (f"{where}: {what}", errors) if where else (f"The body {what}", {})


def form_values(schema: colander.SchemaNode, fields: MappingABC[str, list[str]]) -> dict[str, Any]:
    """The fields of a form or a query that `schema` knows, as the mapping it takes.

    Raises ValidationError for one that is given twice.
    """
    known = {child.name: fields[child.name] for child in schema.children if child.name in fields}
    for name, values in known.items():
        if len(values) > 1:
            raise ValidationError(f"{name}: given more than once", {name: "given more than once"})
    return {name: values[0] for name, values in known.items()}
