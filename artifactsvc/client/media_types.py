"""The MIME type that a file's name suggests, and the type under which a server takes it."""

import mimetypes
from pathlib import PurePosixPath

# beside and before what Python knows; the same on every machine
_BY_EXTENSION = {
    ".csv": "text/csv", ".gif": "image/gif", ".gz": "application/gzip", ".har": "application/json", ".htm": "text/html", ".html": "text/html",
    ".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".json": "application/json", ".log": "text/plain", ".m4v": "video/mp4", ".md": "text/markdown",
    ".mp4": "video/mp4", ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain", ".webm": "video/webm",
    ".webp": "image/webp", ".xml": "application/xml", ".yaml": "application/yaml", ".yml": "application/yaml", ".zip": "application/zip",
}  # fmt: skip
_ALIASES = {"image/jpg": "image/jpeg", "text/json": "application/json", "text/xml": "application/xml"}
_TEXT = ("application/xml", "application/yaml", "application/x-yaml", "application/javascript", "application/x-sh", "application/sql", "image/svg+xml")
UNKNOWN = "application/octet-stream"


def media_type_of(name: str) -> str:
    """By the extension; `application/octet-stream` when it says nothing."""
    suffix = PurePosixPath(name).suffix.lower()
    return _BY_EXTENSION.get(suffix) or mimetypes.guess_type("x" + suffix)[0] or UNKNOWN


def accepted_type(media_type: str | None, name: str, allowed: list[str]) -> str | None:
    """The type to declare for a file, or None where the server takes none that fits.

    Text of a kind that the server does not know (XML, CSV, YAML, Markdown) goes as text/plain: the bytes are the same.
    """
    given = (media_type or "").partition(";")[0].strip().lower()
    given = _ALIASES.get(given, given)
    if given in ("", UNKNOWN):
        given = media_type_of(name)
    if given in allowed:
        return given
    if given == "application/xml" and "text/xml" in allowed:
        return "text/xml"
    if given.endswith("+json") and "application/json" in allowed:
        return "application/json"
    is_text = given.startswith("text/") or given in _TEXT or given.endswith(("+xml", "+json"))
    return "text/plain" if is_text and "text/plain" in allowed else None
