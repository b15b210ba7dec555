"""Ids: UUIDv7 made here (RFC 9562; close in time is close in the index), and the one spelling that counts in a URL."""

import re

from uuid_utils import uuid7

_CANONICAL = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def new_id() -> str:
    """A new UUIDv7 in its canonical 36 characters."""
    return str(uuid7())


def parse_id(text: str) -> str | None:
    """The id in lower case, or None when `text` is not a UUID in its canonical 36 characters.

    Stricter than `uuid.UUID()`, which also takes braces, `urn:`, missing hyphens and full-width digits.
    """
    return text.lower() if _CANONICAL.fullmatch(text) else None
