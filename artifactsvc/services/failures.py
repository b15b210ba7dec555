"""Failures that look alike: the same error once numbers, ids, paths and quoted values are taken out."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

_VALUES = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "…"),
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>)\]]+", re.IGNORECASE), "…"),
    (re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`"), "…"),
    (re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+-]+){2,}[\\/]?"), "…"),
    (re.compile(r"\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,}\b", re.IGNORECASE), "…"),
    (re.compile(r"\d+(?:[.,]\d+)*"), "…"),
    (re.compile(r"\s+"), " "),
    (re.compile(r"…(?:[ ,;:]*…)+"), "…"),
)


class Cause(NamedTuple):
    """Failures with one cause: `message` is the first one's as it was, `results` all of them."""

    error_type: str
    pattern: str
    message: str
    results: list[Any]


def pattern(message: str) -> str:
    """The message without what differs from test to test; the first three lines of it, as the rest is context."""
    text = "\n".join(message.strip().splitlines()[:3])[:500]
    for what, instead in _VALUES:
        text = what.sub(instead, text)
    return text.strip()


def group_by_cause(results: Iterable[Any]) -> list[Cause]:
    """The failed results in groups, the largest first. Each result needs `status`, `error_type` and `error_message`."""
    groups: dict[tuple[str, str], Cause] = {}
    for result in results:
        if result.status != "Failed":
            continue
        key = (result.error_type or "", pattern(result.error_message or ""))
        if key not in groups:
            groups[key] = Cause(*key, result.error_message or "", [])
        groups[key].results.append(result)
    return sorted(groups.values(), key=lambda cause: -len(cause.results))
