"""Sends a file: whole, in a range, not at all when the client has it, or by the front server (RFC 9110, 13 and 14)."""

import re
from email.utils import format_datetime
from io import FileIO
from typing import Any
from urllib.parse import quote

from pyramid.response import Response

BLOCK = 2**18
NO_SCRIPTS = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
_RANGE = re.compile(r"bytes *= *([0-9]{0,999})-([0-9]{0,999})", re.ASCII | re.IGNORECASE)
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
PDF = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"  # browsers show no PDF inside a sandbox


def download_response(request: Any, artifact: Any, settings: Any) -> Response:
    """The answer to GET or HEAD of an artifact, a row of `services.artifacts`.

    Raises NotFoundError when the file is missing.
    """
    headers = _headers(request, artifact, settings)
    if settings.accel_redirect:  # with these headers, as docs/deployment.md sets nginx up
        request.registry["file store"].locate(artifact.storage_path)  # refuses a path that is not ours
        headers.append(("X-Accel-Redirect", f"{settings.accel_redirect}/{quote(artifact.storage_path)}"))
        return Response(headerlist=headers)
    if _unchanged(request, artifact):
        kept = ("ETag", "Cache-Control", "Last-Modified", "Content-Security-Policy", "X-Content-Type-Options")
        return Response(status=304, headerlist=[item for item in headers if item[0] in kept])
    start, stop, status = _range(request, artifact)
    if status == 416:
        response = Response(b'{"detail":"Range not satisfiable"}', status=416, content_type="application/json")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Range"] = f"bytes */{artifact.file_size}"
        return response
    if status == 206:
        headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{artifact.file_size}"))
    headers.append(("Content-Length", str(stop - start)))
    file = request.registry["file store"].open(artifact.storage_path)
    if request.method == "HEAD":
        file.close()
        return Response(status=status, headerlist=headers, app_iter=[])  # without it WebOb makes Content-Length 0
    file.seek(start)
    # waitress sends the file itself, no more than Content-Length of it from where it stands
    wrap = request.environ.get("wsgi.file_wrapper") or FilePart
    return Response(status=status, headerlist=headers, app_iter=wrap(file, BLOCK) if wrap is not FilePart else FilePart(file, stop - start))


class FilePart:
    """The next `size` bytes of a file, in blocks, for servers that have no file wrapper."""

    def __init__(self, file: FileIO, size: int) -> None:
        self._file = file
        self._left = size

    def __iter__(self) -> Any:
        while self._left and (block := self._file.read(min(BLOCK, self._left))):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        self._file.close()


def _headers(request: Any, artifact: Any, settings: Any) -> list[tuple[str, str]]:
    mime = artifact.mime_type
    # a text is UTF-8, or UTF-16 with a byte order mark, which browsers believe before any charset (WHATWG Encoding, 6 and "decode")
    policy = NO_SCRIPTS if mime == "text/html" else PDF if mime == "application/pdf" else INERT
    return [
        ("Content-Type", f"{mime}; charset=utf-8" if mime.startswith("text/") else mime),
        ("Content-Disposition", content_disposition("attachment" if request.GET.get("download") == "1" else "inline", artifact.file_name)),
        ("Cache-Control", settings.cache_control),
        ("ETag", f'"{artifact.checksum}"'),
        ("Last-Modified", format_datetime(artifact.uploaded_at, usegmt=True)),
        ("Accept-Ranges", "bytes"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]


def content_disposition(kind: str, name: str) -> str:
    """RFC 6266: the name in ASCII, and in UTF-8 beside it where that loses something."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_") if not name.isascii() else name
    plain = "".join(char if char.isprintable() and char not in '"\\%' else "_" for char in plain)
    if plain == name:
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _unchanged(request: Any, artifact: Any) -> bool:
    if "If-None-Match" in request.headers:
        return artifact.checksum in request.if_none_match
    try:
        since = request.if_modified_since
    except (ValueError, OverflowError):  # a year that no calendar has
        return False
    return since is not None and artifact.uploaded_at.replace(microsecond=0) <= since


def _range(request: Any, artifact: Any) -> tuple[int, int, int]:
    """First byte, byte after the last, and the status: 200, 206 or 416. Several ranges count as none (RFC 9110, 14.2)."""
    whole = (0, artifact.file_size, 200)
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or request.method != "GET":  # no other method has ranges
        return whole
    etag = f'"{artifact.checksum}"'
    if request.headers.get("If-Range", etag) != etag:  # a weak one does not count here (RFC 9110, 13.1.5)
        return whole
    first, last = match.groups()
    if first:
        start, stop = int(first), int(last) + 1 if last else artifact.file_size
        if last and start >= stop:
            return whole
    elif last:  # so many bytes from the end, or all there are; WebOb's own reading answers 416 then
        start, stop = max(0, artifact.file_size - int(last)), artifact.file_size
    else:
        return whole
    stop = min(stop, artifact.file_size)
    return (start, stop, 206) if start < stop else (0, 0, 416)
