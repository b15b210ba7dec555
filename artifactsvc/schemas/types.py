"""Colander types as strict as the contract (decisions.md, 7): nothing is converted that the client did not say.

Colander's own types turn 7.9 into 7, True into 1 and "" into null. These check instead, and each does it in one call: a
report of a hundred steps has two thousand fields. `Mapping` passes unknown keys by (decisions.md, 3).

The `Form…` types read the same values from the text of a form field or a query parameter.
"""

import re
from datetime import UTC, datetime
from typing import Any

import colander
from colander import Invalid, SchemaNode, null

from artifactsvc.identifiers import parse_id

MAX_INTEGER = 2147483647
_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_ISO8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?"
    r"|[0-9]{8}T[0-9]{4}([0-9]{2}([.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}([0-9]{2})?)?",
    re.ASCII,
)


class Text(colander.SchemaType):
    """A string of at most `longest` characters (None: no limit) and at least `shortest`; as it is, never trimmed.

    NUL and lone surrogates are refused: PostgreSQL cannot store them, and SQLite should not.
    """

    def __init__(self, longest: int | None = None, shortest: int = 0) -> None:
        self.longest = longest
        self.shortest = shortest

    def deserialize(self, node: SchemaNode, value: Any) -> str:
        if type(value) is not str:
            raise Invalid(node, "must be a string")
        if self.longest is not None and len(value) > self.longest:
            raise Invalid(node, f"must have at most {self.longest} characters; it has {len(value)}")
        if len(value) < self.shortest:
            raise Invalid(node, "must not be empty")
        if "\0" in value:
            raise Invalid(node, "must not contain NUL characters")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Invalid(node, "must not contain lone surrogates") from None
        return value


class OneOf(colander.SchemaType):
    """One of a few words, exactly."""

    def __init__(self, *values: str) -> None:
        self.values = values

    def deserialize(self, node: SchemaNode, value: Any) -> str:
        if type(value) is not str or value not in self.values:
            raise Invalid(node, "must be one of " + ", ".join(self.values))
        return value


class Integer(colander.SchemaType):
    """A whole number of JSON from `lowest` to 2147483647; `1.0`, `"1"` and `true` are none."""

    def __init__(self, lowest: int = 0, highest: int = MAX_INTEGER) -> None:
        self.lowest = lowest
        self.highest = highest

    def deserialize(self, node: SchemaNode, value: Any) -> int:
        if type(value) is not int:
            raise Invalid(node, "must be an integer")
        if not self.lowest <= value <= self.highest:
            raise Invalid(node, f"must be from {self.lowest} to {self.highest}")
        return value


class Timestamp(colander.SchemaType):
    """ISO 8601 with any offset; without one it means UTC. Returns an aware datetime in UTC, years 0001 to 9999."""

    def deserialize(self, node: SchemaNode, value: Any) -> datetime:
        if type(value) is not str or not _ISO8601.fullmatch(value):
            raise Invalid(node, "must be an ISO 8601 date and time such as 2026-01-24T12:00:00.000Z")
        try:
            if (value[11:13] if value[4] == "-" else value[9:11]) == "24":
                raise ValueError  # newer Pythons read it as the next midnight; one answer on all of them
            moment = datetime.fromisoformat(value.upper())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Invalid(node, "is not a date and time that exists (years 0001 to 9999)") from None


class Id(colander.SchemaType):
    """A UUID in its canonical 36 characters; returned in lower case."""

    def deserialize(self, node: SchemaNode, value: Any) -> str:
        parsed = parse_id(value) if type(value) is str else None
        if parsed is None:
            raise Invalid(node, "must be a UUID")
        return parsed


class Boolean(colander.SchemaType):
    def deserialize(self, node: SchemaNode, value: Any) -> bool:
        if type(value) is not bool:
            raise Invalid(node, "must be true or false")
        return value


class FormInteger(Integer):
    """`1`, not `01`, not `+1`."""

    def deserialize(self, node: SchemaNode, value: Any) -> int:
        if not _DIGITS.fullmatch(value):
            raise Invalid(node, "must be an integer")
        return super().deserialize(node, int(value))


class FormBoolean(colander.SchemaType):
    def deserialize(self, node: SchemaNode, value: Any) -> bool:
        if value.lower() not in ("true", "false"):
            raise Invalid(node, "must be true or false")
        return bool(value.lower() == "true")


class Mapping(colander.SchemaType):
    """A JSON object. An absent or null member takes its node's `missing`, or is an error where it is required.

    A node whose `missing` is `colander.drop` tells the two apart: absent stays absent, null is None. With `partial`, every
    absent member stays absent, as in the body of a PATCH.
    """

    def __init__(self, partial: bool = False) -> None:
        self.partial = partial

    def deserialize(self, node: SchemaNode, value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Invalid(node, "must be an object")
        result: dict[str, Any] = {}
        error = None
        for number, child in enumerate(node.children):
            name = child.name
            member = value.get(name, null)
            if member is null and (self.partial or child.missing is colander.drop):
                continue
            try:
                if member is None or member is null:
                    if child.missing is colander.required:
                        raise Invalid(child, "Required" if member is null else "must not be null")
                    result[name] = None if child.missing is colander.drop else child.missing
                else:
                    result[name] = child.typ.deserialize(child, member)
            except Invalid as problem:
                error = error or Invalid(node)
                error.add(problem, number)
        if error is not None:
            raise error
        return result


class Sequence(colander.Positional, colander.SchemaType):  # Positional: errors name the item by its index
    """A JSON array of the node's one child, from `shortest` to `longest` items."""

    def __init__(self, shortest: int = 0, longest: int | None = None) -> None:
        self.shortest = shortest
        self.longest = longest

    def deserialize(self, node: SchemaNode, value: Any) -> list[Any]:
        if type(value) is not list:
            raise Invalid(node, "must be an array")
        if len(value) < self.shortest:
            raise Invalid(node, f"must have at least {self.shortest} item")
        if self.longest is not None and len(value) > self.longest:
            raise Invalid(node, f"must have at most {self.longest} items; it has {len(value)}")
        child = node.children[0]
        result = []
        error = None
        for number, item in enumerate(value):
            try:
                result.append(child.typ.deserialize(child, item))
            except Invalid as problem:
                error = error or Invalid(node)
                error.add(problem, number)
        if error is not None:
            raise error
        return result
