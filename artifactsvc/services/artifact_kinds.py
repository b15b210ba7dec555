"""What an artifact is to the eye: which of a handful of kinds, from its MIME type, its type and its name."""

from typing import Any

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/svg+xml")
_TEXTS = ("application/x-ndjson", "application/xml", "application/javascript", "application/yaml", "application/x-yaml", "application/toml")


def kind_of(artifact: Any) -> str:
    """`image`, `video`, `pdf`, `html`, `har`, `json`, `text`, or `file` for what can only be downloaded."""
    mime = artifact.mime_type
    if mime in PICTURES:
        return "image"
    if mime.startswith("video/"):
        return "video"
    if mime == "application/json":
        return "har" if artifact.artifact_type == "har" or artifact.file_name.lower().endswith(".har") else "json"
    named = {"application/pdf": "pdf", "text/html": "html"}.get(mime)
    if named:
        return named
    return "text" if mime.startswith("text/") or mime.endswith(("+xml", "+json")) or mime in _TEXTS else "file"
