"""The contract in the words of a test: make a result, upload, ask what is there. And files of every type."""

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

from webtest import TestApp

BASE = "/api/v1/reports"
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def png(width: int = 2, noise: bytes = b"") -> bytes:
    """A real PNG; `noise` makes it another one (in a tEXt chunk)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * width) * width
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + (chunk(b"tEXt", b"noise\0" + noise) if noise else b"") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    quantization = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    frame = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + quantization + frame + scan + b"\xff\xd9"


def gif() -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def step(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"step_number": number, "step_type": "click", **more}


def multipart(parts: list[tuple[str, str | None, str | None, bytes]], boundary: str = "XbX") -> bytes:
    """A body of (field name, file name or None, content type or None, data)."""
    body = io.BytesIO()
    for name, file_name, content_type, data in parts:
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode())
        if file_name is not None:
            body.write(f'; filename="{file_name}"'.encode())
        if content_type is not None:
            body.write(f"\r\nContent-Type: {content_type}".encode())
        body.write(b"\r\n\r\n" + data + b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return body.getvalue()


def assert_detail(response: Any, status: int, detail: str | None = None) -> dict[str, Any]:
    """The one shape of every error."""
    assert response.status_int == status, response.text
    assert response.content_type == "application/json"
    body: dict[str, Any] = response.json
    assert set(body) <= {"detail", "errors"}
    assert isinstance(body["detail"], str)
    assert body["detail"]
    if detail is not None:
        assert body["detail"] == detail
    return body


class Api:
    def __init__(self, testapp: TestApp, storage: Path) -> None:
        self.app = testapp
        self.storage = storage

    def result(self, **fields: Any) -> str:
        """The id of a new test case result."""
        return self.app.post_json(f"{BASE}/test-case-results", {"name": "test_login", **fields}, status=201).json["id"]

    def run(self, **fields: Any) -> str:
        return self.app.post_json(f"{BASE}/test-runs", {"name": "nightly", **fields}, status=201).json["id"]

    def post_steps(self, result: str, steps: list[Any], **kw: Any) -> Any:
        return self.app.post_json(f"{BASE}/test-case-results/{result}/steps", {"steps": steps}, **kw)

    def put_steps(self, result: str, steps: list[Any], **kw: Any) -> Any:
        return self.app.put_json(f"{BASE}/test-case-results/{result}/steps", {"steps": steps}, **kw)

    def steps(self, result: str, query: str = "") -> Any:
        return self.app.get(f"{BASE}/test-case-results/{result}/steps{query}").json

    def upload(
        self, result: str, data: bytes | None = None, name: str = "shot.png", content_type: str | None = "image/png", *, headers: Any = None, **fields: Any
    ) -> Any:
        """POST one artifact, by default a screenshot; the answer, whatever its status."""
        fields = {"artifact_type": "screenshot", **fields}
        parts = [(key, None, None, str(value).encode()) for key, value in fields.items() if value is not None]
        parts.append(("file", name, content_type, png() if data is None else data))
        return self.post_form(f"{BASE}/test-case-results/{result}/artifacts", multipart(parts), headers)

    def batch(self, result: str, files: list[Any], metadata: Any = None, *, headers: Any = None) -> Any:
        """POST a batch. `files`: (name, data) or (name, content type, data); `metadata`: by default one item for each file."""
        if metadata is None:
            metadata = [{"file_index": index, "artifact_type": "screenshot", "step_number": index + 1} for index in range(len(files))]
        text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
        parts: list[Any] = [("files", file[0], file[1] if len(file) == 3 else "image/png", file[-1]) for file in files]
        return self.post_form(f"{BASE}/test-case-results/{result}/artifacts/batch", multipart([*parts, ("metadata", None, None, text)]), headers)

    def post_form(self, url: str, body: bytes, headers: Any = None, content_type: str = "multipart/form-data; boundary=XbX") -> Any:
        return self.app.post(url, body, {"Content-Type": content_type, **(headers or {})}, expect_errors=True)

    def artifacts(self, result: str, query: str = "") -> Any:
        return self.app.get(f"{BASE}/test-case-results/{result}/artifacts{query}").json

    def files(self) -> list[str]:
        """Every published file, below the storage folder."""
        return sorted(str(path.relative_to(self.storage)) for path in self.storage.rglob("*") if path.is_file() and ".tmp" not in path.parts)

    def staged(self) -> list[str]:
        return sorted(path.name for path in (self.storage / ".tmp").iterdir())

    def folders(self) -> list[str]:
        return sorted(str(path.relative_to(self.storage)) for path in self.storage.rglob("*") if path.is_dir() and path.name != ".tmp")


def new_uuid() -> str:
    return str(uuid4())
