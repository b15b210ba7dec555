"""File names as the server keeps them, so that a file is known again by its name."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_NAME = 255
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_file_name(name: str) -> str:
    """Without control characters; slashes, which would cut it, become dashes; at most 255 characters, shortened in front of the extension."""
    name = name.strip().replace("\\", "-").replace("/", "-").replace('"', "'")
    name = _BIDI.sub("", "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cs")))
    if name in ("", ".", ".."):
        return "unnamed"
    if len(name) > MAX_NAME:
        suffix = PurePosixPath(name).suffix[:32]
        name = name[: MAX_NAME - len(suffix)] + suffix
    return name
