"""As much of JSON Schema as the native form uses, so that a test machine needs no package for it."""

from datetime import datetime
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int}
_MOST = 20  # nobody reads more at once


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "") -> list[str]:
    """What is wrong with a value, in words, each with its place (`steps.0.status: …`); empty when nothing is."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    where = place or "the test"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{where}: must be {' or '.join(kinds)}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: must be one of {', '.join(str(item) for item in schema['enum'] if item is not None)}"]
    if isinstance(value, dict):
        return _object(value, schema, root, place, where)
    if isinstance(value, list):
        found: list[str] = []
        for number, item in enumerate(value):
            found += problems(item, schema.get("items", {}), root, f"{place}.{number}" if place else str(number))
            if len(found) >= _MOST:
                break
        return found
    if isinstance(value, str):
        return _string(value, schema, where)
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{where}: must be {schema.get('minimum', '')} to {schema.get('maximum', '')}"]
    return []


def _object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], place: str, where: str) -> list[str]:
    found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
    known = schema.get("properties", {})
    for name, item in value.items():
        if name in known:
            found += problems(item, known[name], root, f"{place}.{name}" if place else name)
        elif schema.get("additionalProperties") is False:
            found.append(f"{where}: {name} is not known; known are {', '.join(known)}")
    return found[:_MOST]


def _string(value: str, schema: dict[str, Any], where: str) -> list[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return [f"{where}: must have {schema.get('minLength', 0)} to {schema.get('maxLength')} characters, not {len(value)}"]
    if schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return [f"{where}: must be an ISO 8601 time"]
    return []


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not (kind == "integer" and isinstance(value, bool))
