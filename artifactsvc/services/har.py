"""HTTP archives (HAR 1.2): what a browser asked for, when, and what it got; read with limits, believing nothing.

A field that is missing or of another type than the format says counts as absent. One archive is read at a time: it takes a few
times its size while it is looked at, and nothing of it is kept.
"""

import json
import math
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

LARGEST = 2**25  # bytes that are read at all
VALUES = 2_000_000  # JSON values, roughly; each takes up to a hundred bytes
ENTRIES = 20_000  # that are looked at; what comes behind is for the download
NAME, TEXT, FIELDS = 2_000, 65_536, 500  # characters of a name, of a body; headers and the like of one message
PHASES = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
TYPES = ("document", "script", "stylesheet", "image", "font", "data", "media", "other")
SORTS = ("start", "method", "status", "type", "size", "time", "url")
_ONE = threading.Lock()
_BROWSER_TYPES = {"xhr": "data", "fetch": "data", "websocket": "data", "eventsource": "data"} | {name: name for name in TYPES}


class Entry(NamedTuple):
    """One request. `start` and `time` in milliseconds, `start` from the first request on; `size` in bytes; None where unknown."""

    number: int
    method: str
    url: str
    host: str
    path: str
    status: int
    type: str
    size: int | None
    start: float
    time: float
    phases: list[tuple[str, float]]

    @property
    def failed(self) -> bool:
        return self.status >= 400 or self.status == 0


class Har(NamedTuple):
    """`entries` in the order of their start, of `total`; `length` is when the last one ended, in milliseconds."""

    entries: list[Entry]
    length: float
    total: int
    raw: list[Any]


def read_har(file: Any, size: int) -> Har | None:
    """The archive in `file`; None for what is none, or is too large to be looked at as one."""
    if size > LARGEST:
        return None
    with _ONE:
        data = file.read(LARGEST + 1)
        if sum(data.count(sign) for sign in b",[{") > VALUES:
            return None
        try:
            document = json.loads(data.decode("utf-8-sig", "replace"), parse_int=_integer)
        except (ValueError, RecursionError):
            return None
        del data
        raw = _get(_get(document, "log"), "entries")
        if type(raw) is not list:
            return None
        total = len(raw)
        del raw[ENTRIES:], document
        starts = [_moment(_get(item, "startedDateTime")) for item in raw]
        first = min((moment for moment in starts if moment is not None), default=0.0)
        entries = [_entry(number, item, starts[number] or first, first) for number, item in enumerate(raw)]
    entries.sort(key=lambda entry: (entry.start, entry.number))
    return Har(entries, max((entry.start + entry.time for entry in entries), default=0.0), total, raw)


def _integer(digits: str) -> float | int:
    return int(digits) if len(digits) < 20 else math.inf


def select_entries(entries: Sequence[Entry], *, text: str | None, kind: str | None, status: str | None, sort: str, descending: bool) -> list[Entry]:
    """Filter and sort. `status`: `2` to `5` for 2xx to 5xx, `failed` for 4xx, 5xx and no answer; `kind`: one of TYPES."""
    needle = text.lower() if text else ""
    chosen = [
        entry
        for entry in entries
        if (not needle or needle in entry.url.lower() or needle in entry.method.lower())
        and (kind is None or entry.type == kind)
        and (status is None or (entry.failed if status == "failed" else str(entry.status)[0] == status))
    ]
    if sort != "start":
        chosen.sort(key=lambda entry: (getattr(entry, sort) is not None, getattr(entry, sort)))
    return chosen[::-1] if descending else chosen


def _entry(number: int, item: Any, start: float, first: float) -> Entry:
    request, response = _get(item, "request"), _get(item, "response")
    url = text(_get(request, "url"), NAME)
    host, path = _parts(url)
    phases = [(name, amount) for name in PHASES if (amount := number_of(_get(_get(item, "timings"), name)))]
    status = number_of(_get(response, "status")) or 0
    return Entry(
        number=number,
        method=text(_get(request, "method"), 20) or "–",
        url=url,
        host=host,
        path=path,
        status=int(status) if status < 1000 else 0,
        type=_type(item, response),
        size=_size(response),
        start=max(start - first, 0.0),
        time=number_of(_get(item, "time")) or sum(amount for name, amount in phases if name != "ssl"),  # connect contains ssl
        phases=phases,
    )


def _size(response: Any) -> int | None:
    sizes = [number_of(_get(response, "_transferSize")), number_of(_get(response, "bodySize")), number_of(_get(_get(response, "content"), "size"))]
    return next((int(size) for size in sizes if size is not None), None)


def _type(item: Any, response: Any) -> str:
    known = _BROWSER_TYPES.get(text(_get(item, "_resourceType"), 20))
    if known:
        return known
    mime = text(_get(_get(response, "content"), "mimeType"), 100).lower()
    for word, name in (("html", "document"), ("javascript", "script"), ("css", "stylesheet"), ("font", "font"), ("image/", "image")):
        if word in mime:
            return name
    if "json" in mime or "xml" in mime:
        return "data"
    return "media" if mime.startswith(("video/", "audio/")) else "other"


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    if parts.scheme == "data":
        return "", url[:80]
    return parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _moment(value: Any) -> float | None:
    """Milliseconds since 1970."""
    try:
        moment = datetime.fromisoformat(text(value, 40))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return None


def text(value: Any, longest: int) -> str:
    """A string as it can be shown, cut; empty for anything else."""
    if type(value) is not str:
        return ""
    return value[:longest].encode("utf-8", "replace").decode()  # a lone surrogate is no character


def number_of(value: Any) -> float | None:
    """A number from zero on that a browser could have measured; -1 means "does not apply" in this format."""
    return value if type(value) in (int, float) and 0 <= value < 1e15 else None


def _get(value: Any, name: str) -> Any:
    return value.get(name) if type(value) is dict else None


class Body(NamedTuple):
    """`size` is its length in characters; `picture` the media type when `text` is an image in base64."""

    text: str
    size: int
    mime: str
    picture: str | None = None


def details(item: Any) -> dict[str, Any]:
    """Request and response of an entry of `Har.raw`: headers, query, cookies and bodies, each up to its limit."""
    request, response = _get(item, "request"), _get(item, "response")
    content = _get(response, "content")
    sent = _get(request, "postData")
    return {
        "started": text(_get(item, "startedDateTime"), 40),
        "server": text(_get(item, "serverIPAddress"), 100),
        "protocol": text(_get(request, "httpVersion"), 40) or text(_get(response, "httpVersion"), 40),
        "status_text": text(_get(response, "statusText"), 200),
        "error": text(_get(response, "_error"), NAME),
        "redirect": text(_get(response, "redirectURL"), NAME),
        "query": _pairs(_get(request, "queryString")),
        "request_headers": _pairs(_get(request, "headers")),
        "request_cookies": _pairs(_get(request, "cookies")),
        "response_headers": _pairs(_get(response, "headers")),
        "response_cookies": _pairs(_get(response, "cookies")),
        "sent": _body(_get(sent, "text"), _get(sent, "mimeType"), None),
        "received": _body(_get(content, "text"), _get(content, "mimeType"), _get(content, "encoding")),
    }


def _pairs(items: Any) -> list[tuple[str, str]]:
    if type(items) is not list:
        return []
    return [(text(_get(item, "name"), NAME), text(_get(item, "value"), 4 * NAME)) for item in items[:FIELDS]]


def _body(value: Any, mime: Any, encoding: Any) -> Body | None:
    if type(value) is not str or not value:
        return None
    media_type = text(mime, 100)
    if encoding != "base64":
        return Body(text(value, TEXT), len(value), media_type)
    picture = media_type.partition(";")[0].strip().lower()
    whole = picture in ("image/png", "image/jpeg", "image/gif", "image/webp") and len(value) < 2**20 and value.isascii()
    return Body(value if whole else text(value, 400), len(value), media_type, picture if whole else None)
