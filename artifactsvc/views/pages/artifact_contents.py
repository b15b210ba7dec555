"""What an artifact's page shows below its facts, by kind: the name of the template's part, and what that part sees."""

from collections.abc import Iterable
from functools import partial
from itertools import count as count_from
from typing import Any
from urllib.parse import urlencode

from artifactsvc.exceptions import NotFoundError
from artifactsvc.filestore import FileStore
from artifactsvc.services import har, json_trees, logs
from artifactsvc.services.ansi import colour
from artifactsvc.services.artifact_kinds import kind_of
from artifactsvc.services.pictures import picture_size
from artifactsvc.views.pages.json_html import tree_html

WINDOW = 500  # lines of a text that are loaded at once
ENTRIES = 1000  # requests of an HTTP archive on a page
_PLAIN = ("video", "pdf", "html", "file")


def contents(store: FileStore, artifact: Any, query: dict[str, Any]) -> dict[str, Any]:
    """Parameters: `query`, the values of ArtifactPageQuery, None for what is absent."""
    kind = kind_of(artifact)
    try:
        if query["view"] == "text" and kind in ("html", "har", "json"):
            return _text(store, artifact, query)
        with store.open(artifact.storage_path) as file:
            if kind in _PLAIN:
                return {"part": kind}
            if kind == "image":
                return {"part": "image", "pixels": picture_size(file, artifact.mime_type)}
            if kind == "har" and (archive := har.read_har(file, artifact.file_size)) is not None:
                return _har(archive, query)
            if kind == "json" and (tree := json_trees.read_json(file, artifact.file_size)) is not None:
                return {"part": "json", "tree": tree_html(tree)}
        note = {"har": "Shown as text: it is no HTTP archive, or too large for the waterfall.", "json": "Shown as text: too large to be folded."}.get(kind)
        return {**_text(store, artifact, query), "note": note}
    except NotFoundError:
        return {"part": "missing"}


def lines_from(store: FileStore, artifact: Any, first: int, q: str | None, whole: bool = False) -> Iterable[Any]:
    """A window of the text, coloured: (Line, [Span]) of `services`; or one line of it, as long as it is.

    Raises NotFoundError when the file is missing.
    """
    count, longest = (1, logs.WHOLE_LINE) if whole else (WINDOW, logs.LINE)
    index = logs.index_lines(store, artifact.storage_path, artifact.checksum)
    with store.open(artifact.storage_path) as file:
        return list(colour(logs.read_lines(file, index, first, count, longest), q))


def _text(store: FileStore, artifact: Any, query: dict[str, Any]) -> dict[str, Any]:
    index = logs.index_lines(store, artifact.storage_path, artifact.checksum)
    q, line, hit, found = query["q"], query["line"], None, None
    if q:
        with store.open(artifact.storage_path) as file:
            found = logs.find_lines(file, index, q)
        if found.lines:
            after = next((place for place, number in zip(count_from(1), found.lines, strict=False) if number >= (line or 1)), len(found.lines))
            hit = min(query["hit"] or after, len(found.lines))
            line = found.lines[hit - 1]
    line = min(line, index.total) if line else None
    first = ((line or 1) - 1) // WINDOW * WINDOW + 1
    return {
        "part": "text",
        "lines": lines_from(store, artifact, first, q),
        "current": line,
        "first": first,
        "last": min(first + WINDOW - 1, index.total),
        "total": index.total,
        "window": WINDOW,
        "found": found,
        "hit": hit,
    }


def _har(archive: har.Har, query: dict[str, Any]) -> dict[str, Any]:
    descending = query["order"] == "desc"
    sort = query["sort"] or "start"
    entries = har.select_entries(archive.entries, text=query["q"], kind=query["kind"], status=query["status"], sort=sort, descending=descending)
    pages = max(1, -(-len(entries) // ENTRIES))
    page = min(query["page"], pages)
    number = query["entry"]
    chosen = next((entry for entry in archive.entries if entry.number == number), None)
    return {
        "part": "har",
        "archive": archive,
        "entries": entries[(page - 1) * ENTRIES : page * ENTRIES],
        "selected": len(entries),
        "page": page,
        "pages": pages,
        "sort": sort,
        "descending": descending,
        "kinds": [kind for kind in har.TYPES if any(entry.type == kind for entry in archive.entries)],
        "bytes": sum(entry.size or 0 for entry in archive.entries),
        "failures": sum(entry.failed for entry in archive.entries),
        "entry": chosen,
        "details": har.details(archive.raw[chosen.number]) if chosen else None,
        "bars": partial(bars, *_span(entries)),
        "link": partial(link, {**query, "page": page if page > 1 else None, "entry": None}),
    }


def link(query: dict[str, Any], **changes: Any) -> str:
    """The query string of the same archive, sorted, filtered or turned to another page."""
    return "?" + urlencode({name: value for name, value in {**query, **changes}.items() if value is not None})


def _span(entries: list[har.Entry]) -> tuple[float, float]:
    """When the first of them starts, and how long it takes until the last of them ends."""
    begin = min((entry.start for entry in entries), default=0.0)
    return begin, max((entry.start + entry.time for entry in entries), default=0.0) - begin


def bars(begin: float, length: float, entry: har.Entry) -> list[tuple[str, float, float]]:
    """The phases of a request as (name, left, width) in thousandths of the time shown; one bar where there are no phases.

    Parameters: `begin` and `length` of what is shown, in milliseconds.
    """
    scale = 1000 / length if length > 0 else 0
    found, at = [], entry.start - begin
    for name, amount in entry.phases:
        if name != "ssl":  # a part of connect
            found.append((name, round(at * scale, 2), round(max(min(amount, length - at), 0) * scale, 2)))
            at += amount
    if not found:
        found.append(("wait", round(at * scale, 2), round(entry.time * scale, 2)))
    if sum(width for _, _, width in found) < 3:  # visible, however short
        found = [("wait", min(found[0][1], 997), 3)]
    return found
