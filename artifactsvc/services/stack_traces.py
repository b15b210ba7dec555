"""Reads stack traces: which lines are frames, and which of them are ours rather than a library's."""

import re
from typing import NamedTuple

_FRAMES = (
    re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?$'),  # Python
    re.compile(r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): (?P<name>.*)$"),  # pytest
    re.compile(r"^\s*at (?P<name>[^\s(]+) ?\((?P<file>[^():]+):(?P<line>\d+)\)$"),  # Java, Kotlin
    re.compile(r"^\s*at (?:async )?(?P<name>.+?) \((?P<file>.+?):(?P<line>\d+):\d+\)$"),  # JavaScript
    re.compile(r"^\s*at (?:async )?(?P<file>(?:file://|/|[A-Za-z]:\\|node:).+?):(?P<line>\d+):\d+(?P<name>)$"),
    re.compile(r"^\s*at (?P<name>.+?) in (?P<file>.+):line (?P<line>\d+)$"),  # C#
)
_LIBRARY = re.compile(
    r"site-packages|dist-packages|node_modules|node:|<frozen|<string>|/usr/lib/|/lib/python\d|\\lib\\|\(internal|internal/|\.cargo|/gems/|"
    r"^(?:java|javax|jdk|sun|com\.sun|org\.junit|org\.testng|org\.openqa|org\.apache|org\.gradle|kotlin|System|NUnit|Xunit|Microsoft|OpenQA)\."
)
LONGEST = 2000  # lines that are looked at; a recursion prints the same ones again and again


class Line(NamedTuple):
    """One line: `kind` is `own`, `library` (a frame, and the code below it) or `text`."""

    text: str
    kind: str


class Frame(NamedTuple):
    file: str
    line: int
    name: str
    code: str


def read(trace: str) -> tuple[list[Frame], list[Line]]:
    """Our own frames in the order of the trace, and every line with its kind."""
    frames, lines, kind = [], [], "text"
    all_lines = trace.splitlines()
    for number, text in enumerate(all_lines[:LONGEST]):
        match = next((found for regex in _FRAMES if len(text) < 2000 and (found := regex.match(text))), None)
        if match:
            kind = "library" if _LIBRARY.search(match["file"]) or _LIBRARY.match(match["name"] or "") else "own"
            if kind == "own":
                following = all_lines[number + 1].strip() if number + 1 < len(all_lines) and all_lines[number + 1][:1].isspace() else ""
                code = "" if any(regex.match(following) for regex in _FRAMES) or following.startswith("at ") else following
                frames.append(Frame(match["file"], int(match["line"][:9]), (match["name"] or "").strip(), code))
        elif not text[:1].isspace() and text[:1] not in ">E|":
            kind = "text"
        lines.append(Line(text, kind))
    lines.extend(Line(text, "text") for text in all_lines[LONGEST:])
    return frames, lines
