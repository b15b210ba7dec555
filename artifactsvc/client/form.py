"""A multipart/form-data body that is read from the disk while it is sent. Its length is known before, and it can be sent again."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from artifactsvc.client.media_types import media_type_of

PIECE = 2**17  # bytes


@dataclass(frozen=True)
class Bytes:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def pieces(self) -> Iterator[bytes]:
        yield self.data


@dataclass(frozen=True)
class Disk:
    """A file of exactly `size` bytes; one that has changed since raises OSError while it is sent."""

    path: Path
    size: int

    def pieces(self) -> Iterator[bytes]:
        left = self.size
        with self.path.open("rb") as file:
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece
        if left:
            raise OSError(f"{self.path} became shorter while it was sent")


class UploadFile:
    """A file to send: a path, which is read while it is sent, or bytes.

    `name` and `media_type` are what the server is told; by default the path's name, and what its extension says.
    """

    def __init__(self, content: Path | str | bytes, name: str | None = None, media_type: str | None = None) -> None:
        self.source: Bytes | Disk
        if isinstance(content, bytes):
            self.source = Bytes(content)
            self.name = name or "unnamed"
        else:
            path = Path(content)
            self.source = Disk(path, path.stat().st_size)
            self.name = name or path.name
        self.media_type = media_type or media_type_of(self.name)

    @property
    def size(self) -> int:
        return self.source.size

    def checksum(self) -> str:
        """SHA-256 in hexadecimal; reads the file."""
        total = hashlib.sha256()
        for piece in self.source.pieces():
            total.update(piece)
        return total.hexdigest()


class Form:
    """The body: text fields, then files."""

    def __init__(self, fields: dict[str, str], file_field: str, files: list[UploadFile]) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts: list[bytes | UploadFile] = []
        for name, value in fields.items():
            self._parts.append(f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for file in files:
            head = f'--{self._boundary}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{quoted(file.name)}"\r\n'
            self._parts += [(head + f"Content-Type: {file.media_type}\r\n\r\n").encode(), file, b"\r\n"]
        self._parts.append(f"--{self._boundary}--\r\n".encode())

    @property
    def headers(self) -> dict[str, str]:
        length = sum(part.size if isinstance(part, UploadFile) else len(part) for part in self._parts)
        return {"Content-Type": f"multipart/form-data; boundary={self._boundary}", "Content-Length": str(length)}

    def pieces(self) -> Iterator[bytes]:
        """From the beginning, each time it is called."""
        for part in self._parts:
            if isinstance(part, UploadFile):
                yield from part.source.pieces()
            else:
                yield part


def quoted(name: str) -> str:
    """A file name between quotes, as browsers write it (HTML standard, multipart/form-data encoding)."""
    clean = name.encode("utf-8", "replace").decode()  # lone surrogates
    return clean.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
