"""Lines of a terminal as pieces of text with class names: ANSI colours, and the matches of a search.

Every other escape sequence is dropped; control characters become their pictures (U+2400), so that nothing acts.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from artifactsvc.services.logs import ESCAPES, Line

SPANS = 100  # pieces of one line; what is more has no colours
_CONTROLS = {code: 0x2400 + code for code in range(32) if code != 9} | {127: 0x2421} | dict.fromkeys(range(128, 160), 0xFFFD)
_SGR = re.compile(r"\x1b\[([0-9;:]{0,200})m")
_SIMPLE = {1: "a-bold", 2: "a-dim", 3: "a-italic", 4: "a-under", 7: "a-inverse", 9: "a-strike"}
_OFF = {22: ("a-bold", "a-dim"), 23: ("a-italic",), 24: ("a-under",), 27: ("a-inverse",), 29: ("a-strike",)}
# what terminals show for the sixteen colours, to find the nearest of them for any other
_BASE = (
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (190, 160, 20), (36, 114, 200), (188, 63, 188), (17, 168, 205), (200, 200, 200),
    (102, 102, 102), (241, 76, 76), (35, 209, 139), (235, 225, 67), (59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255),
)  # fmt: skip


class Span(NamedTuple):
    """`classes`: of artifact.css, empty for plain text; `hit`: a match of the search."""

    text: str
    classes: str
    hit: bool


def colour(lines: Iterable[Line], query: str | None = None) -> Iterator[tuple[Line, list[Span]]]:
    """Each line with its pieces. A colour that is not switched off goes on in the next line, as in a terminal."""
    pattern = re.compile(re.escape(query), re.IGNORECASE) if query else None
    state: dict[str, str] = {}
    for line in lines:
        pieces = list(_pieces(line.text, state)) if "\x1b" in line.text or state else [(line.text, "")]
        yield line, _mark(pieces, pattern)


def _pieces(text: str, state: dict[str, str]) -> Iterator[tuple[str, str]]:
    at, count = 0, 0
    for match in ESCAPES.finditer(text):
        if match.start() > at and count < SPANS:
            yield text[at : match.start()], _classes(state)
            at, count = match.end(), count + 1
        elif count < SPANS:
            at = match.end()
        sgr = _SGR.fullmatch(match[0])
        if sgr:
            _apply(sgr[1], state)
    if at < len(text):
        yield ESCAPES.sub("", text[at:]), _classes(state) if count < SPANS else ""


def _classes(state: dict[str, str]) -> str:
    return " ".join(state.values())


def _apply(parameters: str, state: dict[str, str]) -> None:
    """Change `state` (what is set -> its class) by one SGR sequence (ECMA-48, 8.3.117)."""
    codes = [int(code[:4] or 0) for code in re.split("[;:]", parameters)]
    while codes:
        code = codes.pop(0)
        if code == 0:
            state.clear()
        elif code in _SIMPLE:
            state[_SIMPLE[code]] = _SIMPLE[code]
        elif code in _OFF:
            for name in _OFF[code]:
                state.pop(name, None)
        elif code in (38, 48):
            number = _extended(codes)
            if number is not None:
                state["fg" if code == 38 else "bg"] = f"a-{'f' if code == 38 else 'g'}{number}"
        elif code in (39, 49):
            state.pop("fg" if code == 39 else "bg", None)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            state["fg"] = f"a-f{code - 30 if code < 90 else code - 82}"
        elif 40 <= code <= 47 or 100 <= code <= 107:
            state["bg"] = f"a-g{code - 40 if code < 100 else code - 92}"


def _extended(codes: list[int]) -> int | None:
    """One of the sixteen for `5;n` or `2;r;g;b`, which are taken off `codes`."""
    kind = codes.pop(0) if codes else 0
    if kind == 5 and codes:
        return _nearest_of_256(codes.pop(0))
    if kind == 2 and len(codes) >= 3:
        red, green, blue = codes[:3]
        del codes[:3]
        return _nearest(red, green, blue)
    return None


def _nearest_of_256(number: int) -> int:
    if number < 16:
        return number
    if number >= 232:
        grey = 8 + (min(number, 255) - 232) * 10
        return _nearest(grey, grey, grey)
    cube = number - 16
    red, green, blue = ((0, 95, 135, 175, 215, 255)[level] for level in (cube // 36, cube // 6 % 6, cube % 6))
    return _nearest(red, green, blue)


def _nearest(red: int, green: int, blue: int) -> int:
    return _nearest_cached(min(red, 255) // 8 * 8, min(green, 255) // 8 * 8, min(blue, 255) // 8 * 8)


@cache
def _nearest_cached(red: int, green: int, blue: int) -> int:
    return min(range(16), key=lambda n: sum((one - other) ** 2 for one, other in zip(_BASE[n], (red, green, blue), strict=True)))


def _mark(pieces: list[tuple[str, str]], pattern: re.Pattern[str] | None) -> list[Span]:
    """Split the pieces where a match of `pattern` in the whole line begins and ends."""
    if pattern is None:
        return [Span(text.translate(_CONTROLS), classes, False) for text, classes in pieces]
    hits = [match.span() for _, match in zip(range(SPANS), pattern.finditer("".join(text for text, _ in pieces)), strict=False)]
    spans, at = [], 0
    for text, classes in pieces:
        edges = {0, len(text), *(edge - at for hit in hits for edge in hit if 0 < edge - at < len(text))}
        borders = sorted(edges)
        for start, stop in pairwise(borders):
            hit = any(first <= at + start < last for first, last in hits)
            spans.append(Span(text[start:stop].translate(_CONTROLS), classes, hit))
        at += len(text)
    return spans
