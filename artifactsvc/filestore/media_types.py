"""MIME types: the extension each gets on disk, the type a file name suggests, and the type that bytes give away."""

import mimetypes
from pathlib import PurePosixPath

EXTENSIONS = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/octet-stream": ".bin",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/xml": ".xml",
    "audio/mp4": ".m4a",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
}
_BY_EXTENSION = {ext: name for name, ext in EXTENSIONS.items() if name != "text/xml"} | {
    ".htm": "text/html", ".jpeg": "image/jpeg", ".har": "application/json", ".log": "text/plain", ".m4v": "video/mp4",
}  # fmt: skip
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "text/json": "application/json"}
UNDECLARED = "application/octet-stream"

# How many bytes from the start `sniff` wants to see. A tar archive names itself at byte 257.
SNIFF_SIZE = 512

ARCHIVES = frozenset({
    "application/zip", "application/gzip", "application/x-7z-compressed", "application/vnd.rar", "application/x-xz", "application/x-bzip2",
    "application/zstd", "application/x-tar",
})  # fmt: skip

# one signature for a family of types: what is inside is for players to say, so any of its types is taken as declared
_FTYP = frozenset({
    "video/mp4", "audio/mp4", "audio/x-m4a", "video/quicktime", "video/3gpp", "image/avif", "image/heic", "image/heif",
})  # fmt: skip
_EBML = frozenset({"video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"})
CONTAINERS = {"video/mp4": _FTYP, "video/webm": _EBML}  # by the type that `sniff` says

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"BZh", "application/x-bzip2"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"\x00asm", "application/wasm"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)


def declared_type(content_type: str | None, file_name: str) -> str:
    """The type a client claims, in lower case and without parameters.

    Parameters: `content_type`, the part's header or None; `file_name`, whose extension decides when the header says nothing.
    Returns: `application/octet-stream` when neither says anything.
    """
    name = (content_type or "").partition(";")[0].strip().lower()
    if name and name != UNDECLARED:
        return _ALIASES.get(name, name)
    suffix = PurePosixPath(file_name).suffix.lower()
    return _BY_EXTENSION.get(suffix) or mimetypes.guess_type("x" + suffix)[0] or UNDECLARED


def sniff(head: bytes) -> str | None:
    """The type that the first bytes give away, or None: text has no signature. A container gives away its family, see CONTAINERS."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            # "BZh" and "MZ" also begin words; what follows tells
            return name if signature != b"BZh" or head[4:10] == b"1AY&SY" else None
    if head[:2] == b"MZ" and b"\0" in head[:64]:
        return "application/vnd.microsoft.portable-executable"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    return None


def extension(media_type: str) -> str:
    """The extension a file of this type gets on disk, with its dot."""
    return EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
