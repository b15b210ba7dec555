"""Word diffs: nothing is lost, what differs is marked, long texts stay quick."""

from hypothesis import given
from hypothesis import strategies as st

from artifactsvc.services.differences import MOST_WORK, Piece, compare


def marked(pieces):
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)


@given(st.text(max_size=60), st.text(max_size=60))
def test_joined_pieces_are_the_text(expected, actual):
    left, right = compare(expected, actual)
    assert ("".join(piece.text for piece in left), "".join(piece.text for piece in right)) == (expected, actual)
    same = ["".join(piece.text for piece in side if not piece.differs) for side in (left, right)]
    assert same[0] == same[1]


def test_only_the_words_that_differ_are_marked():
    left, right = compare("url is /dashboard", "url is /login?next=%2Fdashboard")
    assert marked(left) == "url is /[dashboard]"
    assert marked(right) == "url is /[login?next=%2Fdashboard]"


def test_equal_texts_have_no_difference():
    assert compare("a b", "a b") == ([Piece("a b", False)], [Piece("a b", False)])
    assert compare("", "") == ([], [])


def test_texts_too_long_to_compare_keep_what_they_share_at_both_ends():
    words = int(MOST_WORK**0.5) + 10
    left, right = compare("start " + "a " * words + "end", "start " + "b " * words + "end")
    assert [piece.differs for piece in left] == [piece.differs for piece in right] == [False, True, False]
    assert left[0].text == "start "
    assert left[-1].text.endswith("end")


def test_long_texts_are_compared_line_by_line_first():
    lines = [f"line {number} of the answer, with some words in it\n" for number in range(600)]
    changed = [line.replace("some", "other") if number in (3, 300, 590) else line for number, line in enumerate(lines)]
    left, right = compare("".join(lines), "".join(changed))
    assert [piece.text for piece in left if piece.differs] == ["some"] * 3
    assert [piece.text for piece in right if piece.differs] == ["other"] * 3
    assert "".join(piece.text for piece in right) == "".join(changed)
