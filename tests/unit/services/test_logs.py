"""Windows of lines and matches are the same as if the whole text had been read at once, at any size of a block."""

import io
import random

import pytest

from artifactsvc.filestore import FileStore
from artifactsvc.services import logs
from artifactsvc.services.logs import find_lines, index_lines, read_lines

CODECS = {"utf-8": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@pytest.fixture
def index(tmp_path):
    """Publish bytes and return their index; the file is `index.file`."""
    store = FileStore(tmp_path / "files")

    def make(data):
        with store.stage() as staged:
            staged.write(data)
            path = store.publish(staged, "2026/11/22/x", "a", ".txt")
            return index_lines(store, path, staged.checksum), io.BytesIO(data)

    return make


def texts(index, first, count):
    made, file = index
    return [line.text for line in read_lines(file, made, first, count)]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"one", ["one"]),
        (b"one\n", ["one"]),
        (b"one\ntwo", ["one", "two"]),
        (b"\n\nx\n", ["", "", "x"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"\xef\xbb\xbfone\ntwo", ["one", "two"]),
        ("\ufeffone\r\nzwei ä\n".encode("utf-16-le"), ["one", "zwei ä"]),
        ("\ufeffone\nzwei 日".encode("utf-16-be"), ["one", "zwei 日"]),
        (b"a\xff\xfeb\n\xc3", ["a\ufffd\ufffdb", "\ufffd"]),
    ],
)
def test_lines_are_those_of_the_text(index, data, lines):
    made = index(data)
    assert made[0].total == len(lines)
    assert texts(made, 1, 100) == lines
    assert texts(made, len(lines) + 1, 1) == []


@pytest.mark.parametrize("codec", CODECS)
def test_any_window_is_the_same_when_it_is_read_alone(index, monkeypatch, codec):
    monkeypatch.setattr(logs, "BLOCK", 64)
    monkeypatch.setattr(logs, "BLOCKS", 40)
    chosen = random.Random(7)
    # U+0A00 and U+000A0A: half a newline of UTF-16 at every place
    lines = ["".join(chosen.choice("abc äß日🚀\u0a0a\u0a00\u010a") for _ in range(chosen.randint(0, 40))) for _ in range(500)]
    made = index(CODECS[codec] + "\n".join(lines).encode(codec))
    assert made[0].total == 500
    assert texts(made, 1, 1000) == lines
    for first in (1, 2, 3, 77, 250, 499, 500):
        assert texts(made, first, 10) == lines[first - 1 : first + 9]


def test_index_stays_small_when_the_file_is_large(index):
    made, _ = index(b"0123456789\n" * 7_000_000)
    assert made.total == 7_000_000
    assert len(made.before) <= logs.BLOCKS


def test_window_of_a_large_file_reads_little_of_it(index):
    made, data = index(b"0123456789abcdef0123456789abcdef\n" * 300_000)

    class Counting(io.BytesIO):
        count = 0

        def read(self, size=-1):
            found = super().read(size)
            self.count += len(found)
            return found

    file = Counting(data.getvalue())
    assert len(read_lines(file, made, 200_000, 500)) == 500
    assert file.count < 300_000


def test_line_is_cut_and_says_so_when_it_is_long(index):
    made, file = index("ä".encode() * 1_000_000 + b"\nnext\n")
    line, following = read_lines(file, made, 1, 2)
    assert line.text == "ä" * (logs.LINE // 2)
    assert line.hidden == 2_000_000 - logs.LINE
    assert (following.text, following.hidden) == ("next", 0)


def test_last_state_is_shown_when_a_progress_bar_wrote_over_it(index):
    bar = b"\r".join(b"%3d%%" % n for n in range(101))
    made, file = index(b"a\n" + bar + b"\r\n" + b"x" * 9000 + b"\r" + bar + b"\nend")
    plain, short, long, end = read_lines(file, made, 1, 9)
    assert (plain.states, end.states) == (0, 0)
    assert (short.text, short.states, short.hidden) == ("100%", 100, 0)
    assert (long.text, long.states, long.hidden) == ("100%", 101, 0)


def test_colour_stays_when_it_was_set_before_the_last_state(index):
    assert texts(index(b"\x1b[32m10%\r\x1b[1m50%\r100%\x1b[0m"), 1, 1) == ["\x1b[32m\x1b[1m100%\x1b[0m"]


def test_line_is_whole_when_it_is_asked_for(index):
    made, file = index(b"a\n" + b"x" * 2_000_000 + b"\nb")
    (line,) = read_lines(file, made, 2, 1, logs.WHOLE_LINE)
    assert (len(line.text), line.hidden) == (2**20, 2_000_000 - 2**20)


def test_index_is_that_of_the_new_file_when_a_path_is_taken_again(tmp_path):
    store = FileStore(tmp_path / "files")
    totals = []
    for data in (b"a\nb\n", b"a\n"):
        with store.stage() as staged:
            staged.write(data)
            path = store.publish(staged, "2026/11/22/x", "a", ".txt")
            totals.append(index_lines(store, path, staged.checksum).total)
        store.remove(path)
    assert totals == [2, 1]


# find


@pytest.mark.parametrize("codec", CODECS)
def test_every_line_with_a_match_is_found_once(index, codec):
    lines = [f"line {n} {'ERROR Überlauf error' if n % 1000 == 0 else 'ok'} {'x' * (n % 60)}" for n in range(1, 40_001)]
    made, file = index(CODECS[codec] + "\n".join(lines).encode(codec))
    assert find_lines(file, made, "ÜBERLAUF") == (list(range(1000, 40_001, 1000)), None)
    assert find_lines(file, made, "overflow") == ([], None)
    assert find_lines(file, made, "überlauf", 20_001).lines[0] == 21_000
    assert find_lines(file, made, "überlauf", 40_001) == ([], None)


def test_match_is_found_when_it_lies_across_two_blocks(index):
    for offset in (2**18 - 3, 2**18 - 1, 2**18, 2**19 - 2):
        made, file = index(b"x" * (offset - 1) + b"\nneedle\n" + b"y" * 100)
        assert find_lines(file, made, "needle") == ([2], None)
        made, file = index(b"x" * offset + b"needle" + b"y" * 100)
        assert find_lines(file, made, "needle") == ([1], None)


def test_match_is_found_when_its_line_is_longer_than_memory_should_be(index):
    made, file = index(b"a" * 1_300_000 + b"needle" + b"a" * 3_000_000 + b"needle\nneedle")
    assert find_lines(file, made, "needle") == ([1, 2], None)


def test_match_is_found_when_it_is_coloured_in_between(index):
    made, file = index(b"\x1b[31mFA\x1b[0mILED\nfailed\n")
    assert find_lines(file, made, "failed") == ([1, 2], None)


def test_search_goes_on_where_it_stopped(index, monkeypatch):
    monkeypatch.setattr(logs, "FIND_LINES", 3)
    made, file = index(b"hit\n" * 8)
    assert find_lines(file, made, "hit") == ([1, 2, 3], 4)
    assert find_lines(file, made, "hit", 4) == ([4, 5, 6], 7)
    assert find_lines(file, made, "hit", 7) == ([7, 8], None)


def test_search_answers_in_parts_when_the_file_is_large(index, monkeypatch):
    monkeypatch.setattr(logs, "FIND_BYTES", 2**19)
    made, file = index(b"".join(b"%d line\n" % n for n in range(1, 300_001)) + b"needle\n")
    first, parts, found = 1, 0, []
    while first is not None:
        lines, first = find_lines(file, made, "needle", first)
        found += lines
        parts += 1
        assert parts < 20
    assert (found, parts > 3) == ([300_001], True)
