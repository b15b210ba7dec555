"""What differs between an expected and an actual text, word by word."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
MOST_WORK = 1_500_000  # words of one text times words of the other; above, lines are compared first, and words only within those that differ


class Piece(NamedTuple):
    """A run of text; `differs` when the other text does not have it here."""

    text: str
    differs: bool


def compare(expected: str, actual: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces. Joined again, the pieces of each are the text itself."""
    left, right = _WORDS.findall(expected), _WORDS.findall(actual)
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    middle_left, middle_right = left[start : len(left) - end], right[start : len(right) - end]
    pieces: tuple[list[Piece], list[Piece]] = ([], [])
    for side, words in zip(pieces, (left, right), strict=True):
        _add(side, words[:start], differs=False)
    if len(middle_left) * len(middle_right) > MOST_WORK:
        _match_lines(pieces, "".join(middle_left), "".join(middle_right))
    else:
        _match(pieces, middle_left, middle_right)
    for side, words in zip(pieces, (left, right), strict=True):
        _add(side, words[len(words) - end :] if end else [], differs=False)
    return pieces


def _match_lines(pieces: tuple[list[Piece], list[Piece]], expected: str, actual: str) -> None:
    left, right = expected.splitlines(keepends=True), actual.splitlines(keepends=True)
    work = len(left) * len(right)
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes() if work <= MOST_WORK else [("replace", 0, len(left), 0, len(right))]
    for tag, i1, i2, j1, j2 in blocks:
        words = [_WORDS.findall("".join(lines)) for lines in (left[i1:i2], right[j1:j2])]
        work += len(words[0]) * len(words[1]) if tag == "replace" else 0
        if tag == "replace" and work <= MOST_WORK:
            _match(pieces, *words)
        else:
            _add(pieces[0], words[0], differs=tag != "equal")
            _add(pieces[1], words[1], differs=tag != "equal")


def _match(pieces: tuple[list[Piece], list[Piece]], left: list[str], right: list[str]) -> None:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        _add(pieces[0], left[i1:i2], differs=tag != "equal")
        _add(pieces[1], right[j1:j2], differs=tag != "equal")


def _add(side: list[Piece], words: list[str], differs: bool) -> None:
    if not words:
        return
    text = "".join(words)
    if side and side[-1].differs == differs:
        text = side.pop().text + text
    side.append(Piece(text, differs))
