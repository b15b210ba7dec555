"""JSON as it was written, for looking at: numbers keep their digits, names that are there twice are there twice."""

import json
from typing import Any, NamedTuple

LARGEST = 2**21  # bytes
VALUES = 20_000
DEPTH = 64


class Literal(str):
    """A number, or true, false, null: its digits or its word."""

    __slots__ = ()


class Members(NamedTuple):
    """An object: its names and values in the order of the file."""

    items: list[tuple[str, Any]]


def read_json(file: Any, size: int) -> Any | None:
    """The value in `file`: a Members, a list, a string or a Literal. None for what is no JSON, or too much to be shown folded."""
    if size > LARGEST:
        return None
    data = file.read(LARGEST + 1)
    if sum(data.count(sign) for sign in b",[{") > 20 * VALUES:  # most of them in strings, maybe
        return None
    try:
        value = json.loads(data.decode("utf-8-sig", "replace"), parse_int=Literal, parse_float=Literal, parse_constant=Literal, object_pairs_hook=Members)
    except (ValueError, RecursionError):
        return None
    return value if _fits(value) else None


def _fits(root: Any) -> bool:
    """Whether it has no more than VALUES values, none deeper than DEPTH."""
    count, waiting = 0, [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if count > VALUES or depth > DEPTH:
            return False
        if type(value) is Members:
            waiting.extend((item, depth + 1) for _, item in value.items)
        elif type(value) is list:
            waiting.extend((item, depth + 1) for item in value)
    return True
