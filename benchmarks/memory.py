"""Peak memory of the server while eight clients at once send batches of fifty files of 10 MB.

Prints the resident memory at rest, its peak, and the rate; ends with status 1 when the peak is 150 MB or more.
"""

import argparse
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
API = "/api/v1/reports"
LIMIT = 150 * 2**20
FILE_SIZE = 10 * 2**20 - 1024
FILES = 50


def resident(pid: int, field: str) -> int:
    """Bytes: `VmRSS` now, `VmHWM` at its peak."""
    found = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def body_parts(line: bytes) -> Iterator[bytes]:
    metadata = [{"file_index": index, "artifact_type": "log", "step_number": index + 1} for index in range(FILES)]
    yield b'--XB\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n' + json.dumps(metadata).encode()
    data = line * (FILE_SIZE // len(line))
    for index in range(FILES):
        yield f'\r\n--XB\r\nContent-Disposition: form-data; name="files"; filename="{index}.log"\r\nContent-Type: text/plain\r\n\r\n'.encode()
        yield data
    yield b"\r\n--XB--\r\n"


def send(port: int, method: str, path: str, body: object, headers: dict[str, str]) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request(method, path, body, headers)  # type: ignore[arg-type]
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    if response.status != 201:
        raise SystemExit(f"{method} {path}: {response.status} {answer}")
    return answer


def upload(port: int, number: int) -> None:
    line = b"%d 12:00:01.250 INFO  a line of a log, as long as such lines usually are\n" % number
    result = send(port, "POST", f"{API}/test-case-results", b'{"name": "memory"}', {"Content-Type": "application/json"})["id"]
    length = sum(map(len, body_parts(line)))
    headers = {"Content-Type": "multipart/form-data; boundary=XB", "Content-Length": str(length)}
    send(port, "POST", f"{API}/test-case-results/{result}/artifacts/batch", body_parts(line), headers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--database", help="a database URL; SQLite by default")
    args = parser.parse_args()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="artifactsvc-bench-") as folder:
        environ = {**os.environ, "DATABASE_URL": args.database or f"sqlite:///{folder}/bench.sqlite", "ARTIFACT_STORAGE_PATH": f"{folder}/files"}
        command = [str(Path(sys.executable).parent / "pserve"), "development.ini", f"http_port={port}"]
        started = time.perf_counter()
        server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            print(f"up after {time.perf_counter() - started:.2f} s")
            time.sleep(1)
            print(f"at rest {resident(server.pid, 'VmRSS') / 2**20:.0f} MB")
            started = time.perf_counter()
            threads = [threading.Thread(target=upload, args=(port, number)) for number in range(args.clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - started
            peak = resident(server.pid, "VmHWM")
            total = args.clients * FILES * FILE_SIZE
            print(f"{args.clients} clients, {total / 2**30:.1f} GB in {seconds:.0f} s ({total / 2**20 / seconds:.0f} MB/s), peak {peak / 2**20:.0f} MB")
        finally:
            server.terminate()
            server.wait(30)
    if peak >= LIMIT:
        raise SystemExit(f"the peak is over {LIMIT // 2**20} MB")


if __name__ == "__main__":
    main()
