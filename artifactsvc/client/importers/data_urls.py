"""Files that a report carries in data URLs (`data:image/png;base64,…`)."""

import base64
import binascii
import re
from urllib.parse import unquote, unquote_to_bytes

from artifactsvc.client.importers.files import from_memory
from artifactsvc.client.report import Attachment, Skipped

_DATA = re.compile(r"data:([^;,]*)(?:;[^;,]*)*?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE)


def from_data_url(url: str, name: str, iteration_number: int = 1) -> Attachment | Skipped:
    match = _DATA.fullmatch(url)
    try:
        if match is None:
            raise ValueError("no data URL")
        data = base64.b64decode("".join(unquote(match[3]).split()), validate=True) if match[2] else unquote_to_bytes(match[3])
    except (binascii.Error, ValueError) as error:
        return Skipped(f"attachment {name} ({url[:40]}…)", f"its content is damaged: {error}")
    return from_memory(name, data, match[1] or "text/plain", iteration_number=iteration_number)
