"""Texts and logs of any size: windows of lines, and where a word stands, read as a stream.

A line ends with `\\n`. The text is UTF-8, or UTF-16 where a byte order mark says so; what does not decode becomes U+FFFD. A line
that was written over by carriage returns shows its last state, as a terminal does. No more than one block and the lines that
were asked for are held, each up to LINE bytes.
"""

import codecs
import re
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from artifactsvc.filestore import FileStore

BLOCK = 2**16
BLOCKS = 1024  # places of an index, at the most
LINE = 4096  # bytes of a line that are shown at first
WHOLE_LINE = 2**20  # bytes of a line that are shown on demand
FIND_BYTES = 2**25  # what one search reads before it answers
FIND_LINES = 1000  # lines one search names
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)|[()*+][0-9A-B]|[ -/]?[0-~])")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Index(NamedTuple):
    """Where the lines of a file are: `before[n]` lines end in front of byte `n * step`; the file has `total` lines."""

    codec: str
    mark: int  # bytes of the byte order mark
    step: int
    before: list[int]
    total: int


class Line(NamedTuple):
    """`hidden`: bytes at its end that are not shown; `states`: how often it was written over."""

    number: int
    text: str
    hidden: int
    states: int


class Found(NamedTuple):
    """Numbers of lines, ascending; `next` is the line to go on from, None at the end of the file."""

    lines: list[int]
    next: int | None


@lru_cache(maxsize=128)
def index_lines(store: FileStore, path: str, checksum: str) -> Index:
    """Read the file once and note where its lines are. Kept for the files of late: a few kilobytes each.

    Parameters: `checksum`, because a path may be taken again by another file.
    Raises NotFoundError, UnavailableError.
    """
    with store.open(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        codec, mark = encoding(file.read(4))
        step = BLOCK * max(1, -(-size // (BLOCKS * BLOCK)))
        before, ended, last = [], 0, b""
        file.seek(0)
        while data := file.read(step):
            before.append(ended)
            ended += count_newlines(data, codec)
            last = data
    whole = not last or last.endswith(_newline(codec))
    return Index(codec, mark, step, before, ended if whole else ended + 1)


def encoding(head: bytes) -> tuple[str, int]:
    """The codec of a text, and how many bytes its byte order mark takes."""
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return codec, len(mark)
    return "utf-8", 0


def count_newlines(data: bytes, codec: str) -> int:
    return data.count(b"\n") if codec == "utf-8" else data.decode(codec, "replace").count("\n")


def read_lines(file: Any, index: Index, first: int, count: int, longest: int = LINE) -> list[Line]:
    """The lines from `first` (from 1) on, at most `count`, each up to `longest` bytes; none beyond the end."""
    if not 1 <= first <= index.total:
        return []
    file.seek(_offset(file, index, first))
    lines: list[Line] = []
    pending = _Pending(index.codec, longest)
    while len(lines) < count and (data := file.read(BLOCK)):
        start = 0
        while len(lines) < count and (end := _find_newline(data, start, index.codec)) >= 0:
            pending.add(data[start:end])
            lines.append(pending.finish(first + len(lines)))
            start = end + len(_newline(index.codec))
        pending.add(data[start:])
    if len(lines) < count and first + len(lines) <= index.total:
        lines.append(pending.finish(first + len(lines)))  # the last one has no newline
    return lines


class _Pending:
    """A line while it is read: its first and its last bytes, and how long it is."""

    def __init__(self, codec: str, longest: int) -> None:
        self._codec = codec
        self._longest = longest
        self._clear()

    def _clear(self) -> None:
        self._head = self._tail = b""
        self._size = self._states = 0

    def add(self, piece: bytes) -> None:
        if len(self._head) < self._longest:
            self._head += piece[: self._longest - len(self._head)]
        self._tail = (self._tail + piece[-LINE:])[-LINE:]
        self._size += len(piece)
        self._states += piece.count(b"\r")

    def finish(self, number: int) -> Line:
        cut = self._size > self._longest
        text, hidden, states = self._decode(self._head, cut), max(self._size - self._longest, 0), self._states
        if states and self._decode(self._tail).endswith("\r"):  # of CR LF
            states -= 1
            text = text if cut else text[:-1]
        if states:
            earlier, written, last = self._decode(self._tail).rstrip("\r").rpartition("\r")
            if written:
                text, hidden = "".join(_COLOURS.findall(earlier)) + last, 0
            else:
                text, states = text.rstrip("\r"), 0
        self._clear()
        return Line(number, text, hidden, states)

    def _decode(self, data: bytes, cut: bool = False) -> str:
        return codecs.getincrementaldecoder(self._codec)("replace").decode(data, final=not cut)


def find_lines(file: Any, index: Index, query: str, first: int = 1) -> Found:
    """The lines from `first` on that contain `query`, in any case, colours aside.

    Reads FIND_BYTES and names FIND_LINES at the most; `Found.next` says where to go on.
    """
    if not 1 <= first <= index.total or not query:
        return Found([], None)
    file.seek(_offset(file, index, first))
    decoder = codecs.getincrementaldecoder(index.codec)("replace")
    needle = query.lower()
    found: list[int] = []
    line, rest, scanned = first, "", 0
    while data := file.read(2**18):
        text = rest + decoder.decode(data)
        scanned += len(data)
        cut = text.rfind("\n") + 1
        if cut == 0 and len(text) < 2**20 and scanned < FIND_BYTES:
            rest = text
            continue
        # of a line that does not end, what a match could still begin in is looked at again
        text, rest = (text[:cut], text[cut:]) if cut else (text, text[-len(needle) :])
        line = _search(text, needle, line, found)
        if len(found) >= FIND_LINES:
            return Found(found[:FIND_LINES], found[FIND_LINES - 1] + 1 if found[FIND_LINES - 1] < index.total else None)
        if scanned >= FIND_BYTES:
            following = line if cut else line + 1
            return Found(found, following if following <= index.total else None)
    _search(rest, needle, line, found)
    return Found(found[:FIND_LINES], None)


def _search(text: str, needle: str, line: int, found: list[int]) -> int:
    """Append the numbers of the lines with `needle`; returns the number of the line at the end of `text`."""
    text = (ESCAPES.sub("", text) if "\x1b" in text else text).lower()
    at, position = 0, text.find(needle)
    while position >= 0 and len(found) < FIND_LINES:
        line += text.count("\n", at, position)
        if not found or found[-1] != line:
            found.append(line)
        at = text.find("\n", position)
        if at < 0:
            return line
        position = text.find(needle, at)
    return line + text.count("\n", at)


def _offset(file: Any, index: Index, first: int) -> int:
    """The byte at which line `first` begins."""
    if first == 1:
        return index.mark
    block = bisect_right(index.before, first - 2) - 1
    file.seek(block * index.step)
    data = file.read(index.step)
    start = 0
    for _ in range(first - 1 - index.before[block]):
        start = _find_newline(data, start, index.codec) + len(_newline(index.codec))
    return block * index.step + start


def _newline(codec: str) -> bytes:
    return "\n".encode(codec)


def _find_newline(data: bytes, start: int, codec: str) -> int:
    newline = _newline(codec)
    position = data.find(newline, start)
    while position % len(newline) and position >= 0:  # half of one character and half of the next
        position = data.find(newline, position + 1)
    return position
