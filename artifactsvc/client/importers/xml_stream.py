"""XML reports, element by element, without document types: those are what entity bombs and foreign files come in with."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from artifactsvc.client.report import ImportFailedError


class _RootReachedError(Exception):
    """The first element begins: a document type can come no more."""


def root_tag(path: Path) -> str | None:
    """The name of a file's outermost element; None when it is no XML without a document type."""
    try:
        with path.open("rb") as file:
            return _check(file)
    except (OSError, expat.ExpatError, ValueError, LookupError):
        return None


def parse(path: Path) -> Iterator[tuple[str, ET.Element]]:
    """Yields ("start" or "end", element). Who is done with an element clears it. Raises ImportFailedError where the XML is damaged."""
    try:
        with path.open("rb") as file:
            _check(file)
            file.seek(0)
            yield from ET.iterparse(file, events=("start", "end"))  # noqa: S314
    except (ET.ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise ImportFailedError(f"{path}: no XML, or a damaged one: {error}") from error


def _check(file: BinaryIO) -> str:
    """The name of the root. Raises ValueError for a document type."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    tags: list[str] = []

    def started(tag: str, attributes: object) -> None:
        tags.append(tag)
        raise _RootReachedError

    parser.StartElementHandler = started
    try:
        while piece := file.read(4096):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except _RootReachedError:
        pass
    return tags[0]


def _refuse(*_: object) -> NoReturn:
    raise ValueError("it has a document type (DOCTYPE), which no report needs and which is refused for safety")
