"""Colours become class names, other sequences nothing, and matches are marked through both."""

import time

import pytest

from artifactsvc.services.ansi import SPANS, colour
from artifactsvc.services.logs import Line


def spans(*texts, query=None):
    return [[tuple(span) for span in found] for _, found in colour([Line(n, text, 0, 0) for n, text in enumerate(texts)], query)]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("\x1b[31mx", "a-f1"),
        ("\x1b[1;31mx", "a-bold a-f1"),
        ("\x1b[91mx", "a-f9"),
        ("\x1b[41mx", "a-g1"),
        ("\x1b[107mx", "a-g15"),
        ("\x1b[38;5;9mx", "a-f9"),
        ("\x1b[38;5;196mx", "a-f1"),
        ("\x1b[38;5;255mx", "a-f15"),
        ("\x1b[48;2;250;250;250mx", "a-g15"),
        ("\x1b[38:2:250:250:250mx", "a-f15"),
        ("\x1b[4;7;9;3;2mx", "a-under a-inverse a-strike a-italic a-dim"),
        ("\x1b[31m\x1b[0mx", ""),
        ("\x1b[31m\x1b[mx", ""),
        ("\x1b[1;2m\x1b[22mx", ""),
        ("\x1b[31;39mx", ""),
        ("\x1b[38;5mx", ""),
        ("\x1b[38mx", ""),
        ("\x1b[99999999999999mx", ""),
        ("\x1b[2K\x1b[1A\x1b]0;title\x07\x1b]8;;http://x\x1b\\\x1b(B\x1b=x", ""),
    ],
)
def test_sequence_becomes_a_class_or_nothing(text, classes):
    assert spans(text) == [[("x", classes, False)]]


def test_colour_goes_on_in_the_next_line_until_it_is_switched_off():
    assert spans("\x1b[32ma", "b\x1b[0mc", "d") == [[("a", "a-f2", False)], [("b", "a-f2", False), ("c", "", False)], [("d", "", False)]]


def test_control_characters_are_pictures():
    assert spans("a\x07\x00\x1b\x7f\x9bb\tc") == [[("a␇␀␛␡\ufffdb\tc", "", False)]]


def test_matches_are_marked_through_the_colours():
    assert spans("an \x1b[31mER\x1b[0mror, Error", query="error") == [
        [("an ", "", False), ("ER", "a-f1", True), ("ror", "", True), (", ", "", False), ("Error", "", True)]
    ]
    assert spans("a.b axb", query="a.b") == [[("a.b", "", True), (" axb", "", False)]]


def test_line_of_sequences_costs_little():
    started = time.perf_counter()
    (found,) = spans("".join(f"\x1b[3{n % 8}mx" for n in range(1000)))
    assert len(found) <= SPANS + 1
    assert "".join(text for text, *_ in found) == "x" * 1000
    spans("\x1b[" * 100_000, "\x1b]" * 100_000, "\x1b[" + "0" * 200_000 + " " * 200_000, "\x1b]" + "x" * 400_000)
    assert time.perf_counter() - started < 2
