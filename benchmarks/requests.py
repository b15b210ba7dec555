"""What one request costs inside the process: each endpoint called as WSGI, one after the other, without sockets.

Prints milliseconds of wall time and CPU time for each. For comparing two states of the code in one run of each, on a quiet
machine; `memory.py` and a load from outside say what a server does.
"""

import argparse
import io
import json
import os
import random
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from typing import Any

from artifactsvc import make_app

API = "/api/v1/reports"


def png(size: int = 200_000) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)) + chunk(b"IDAT", random.randbytes(size)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def form(fields: dict[str, object], files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [f'--XB\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    for name, file_name, data in files:
        parts.append(
            f'--XB\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: image/png\r\n\r\n'.encode() + data + b"\r\n"
        )
    return b"".join([*parts, b"--XB--\r\n"])


class Caller:
    """Calls an application; `environ` is added to every request's, such as `HTTP_AUTHORIZATION`."""

    def __init__(self, app: Any, **environ: str) -> None:
        self.app = app
        self.environ = environ

    def __call__(self, method: str, path: str, body: object = b"", content_type: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": API + path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(data)), "CONTENT_TYPE": content_type,
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(data), "wsgi.errors": sys.stderr,
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, **self.environ,
        }  # fmt: skip
        status = []
        answer = self.app(environ, lambda line, headers, exc_info=None: status.append(line))
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not status[0].startswith("2"):
            raise SystemExit(f"{method} {path}: {status[0]} {text[:300]!r}")
        return json.loads(text) if text[:1] == b"{" else text


def measure(name: str, function: Callable[[], object], count: int) -> None:
    function()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        function()
    print(f"{name:<28} {(time.perf_counter() - wall) / count * 1e3:7.2f} ms   cpu {(time.process_time() - cpu) / count * 1e3:6.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--database", help="a database URL; SQLite by default")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="artifactsvc-bench-") as folder:
        os.environ["DATABASE_URL"] = args.database or f"sqlite:///{folder}/bench.sqlite"
        os.environ["ARTIFACT_STORAGE_PATH"] = f"{folder}/files"
        for load in loads(Caller(make_app({"auth.required": "false", "artifactsvc.migrate": "true"})), args.count):
            measure(*load)


Load = tuple[str, Callable[[], object], int]


def loads(call: Caller, count: int) -> list[Load]:
    """Name, function, and how often to call it."""
    shot = png()
    steps = {"steps": [{"step_number": n, "step_type": "click", "action": f"Click {n}", "status": "Passed", "duration_ms": 350} for n in range(1, 11)]}

    def new() -> str:
        return str(call("POST", "/test-case-results", {"name": "bench"})["id"])

    def new_with_steps() -> tuple[str, list[str]]:
        result = new()
        return result, call("POST", f"/test-case-results/{result}/steps", steps)["step_ids"]

    def upload(result: str, number: int) -> str:
        body = form({"artifact_type": "screenshot", "step_number": number}, [("file", "shot.png", shot)])
        return str(call("POST", f"/test-case-results/{result}/artifacts", body, "multipart/form-data; boundary=XB")["id"])

    result, ids = new_with_steps()
    artifact, *_ = [upload(result, number) for number in range(1, 11)]
    other, numbers = new(), iter(range(1, 10**6))
    metadata = json.dumps([{"file_index": n, "artifact_type": "screenshot", "step_number": n + 1} for n in range(10)])
    batch = form({"metadata": metadata}, [("files", f"{n}.png", shot) for n in range(10)])
    return [
        ("create a result", new, count),
        ("create, and ten steps", new_with_steps, count),
        ("upload 200 KB", lambda: upload(other, next(numbers)), count),
        (
            "create, and batch of ten",
            lambda: call("POST", f"/test-case-results/{new()}/artifacts/batch", batch, "multipart/form-data; boundary=XB"),
            count // 4,
        ),
        ("link a screenshot", lambda: call("PATCH", f"/steps/{ids[0]}", {"screenshot_artifact_id": artifact}), count),
        ("read ten steps", lambda: call("GET", f"/test-case-results/{result}/steps"), count),
        ("read an artifact", lambda: call("GET", f"/artifacts/{artifact}"), count),
        ("download 200 KB", lambda: call("GET", f"/artifacts/{artifact}/download"), count),
    ]


if __name__ == "__main__":
    main()
