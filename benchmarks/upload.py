"""How fast `artifactsvc upload` is: 500 tests of ten screenshots each, against the server's own limit for the same reports.

The limit is what the plainest sender reaches: prepared bodies, four connections, no report to read, no spool, no retries. Then the
client, with screenshots as they are and made smaller (which a core pays for). Prints tests a second of each, medians of the rounds,
in turn; client and server share the machine.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pages import wait
from PIL import Image, ImageDraw
from requests import API, form

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SHOTS = 10
CONNECTIONS = 4


def screenshot(path: Path, number: int) -> None:
    """A page of 1366 by 768 with boxes, lines and a photograph: about 200 KB, as browsers write them."""
    rng = random.Random(number)
    picture = Image.new("RGB", (1366, 768), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(0, 768, 24):
        draw.rectangle((40, row, 40 + rng.randrange(200, 900), row + 14), fill=(rng.randrange(256),) * 3)
        draw.text((1000, row), f"line {rng.random()}", fill="black")
    picture.paste(Image.frombytes("RGB", (250, 250), rng.randbytes(250 * 250 * 3)), (700, 300))
    picture.save(path)


def step(number: int) -> dict[str, Any]:
    texts = {"action": f"Click on control {number}", "element_selector": f"form#login > div:nth-child({number}) button[type='submit']"}
    return {"step_number": number, "step_type": "click", "status": "Passed", "duration_ms": 350, **texts}


def make_report(folder: Path, tests: int) -> None:
    for number in range(1, SHOTS + 1):
        screenshot(folder / f"{number}.png", number)
    steps = [step(number) for number in range(1, SHOTS + 1)]
    files = [{"file": f"{number}.png", "step_number": number, "artifact_category": "after"} for number in range(1, SHOTS + 1)]
    report = [{"name": f"test_{n}", "full_name": f"tests/shop.py::test_{n}", "status": "Passed", "steps": steps, "artifacts": files} for n in range(tests)]
    (folder / "result.json").write_text(json.dumps({"tests": report}))


def plain_sender(folder: Path, tests: int, port: int) -> None:
    """Every request of a report, and nothing else."""
    pictures = [("files", f"{number}.png", (folder / f"{number}.png").read_bytes()) for number in range(1, SHOTS + 1)]
    kind = {"artifact_type": "screenshot", "artifact_category": "after", "link_to_step": True}
    metadata = [{"file_index": number, "step_number": number + 1, **kind} for number in range(SHOTS)]
    batch = form({"metadata": json.dumps(metadata)}, pictures)
    steps = json.dumps({"steps": [step(number) for number in range(1, SHOTS + 1)]}).encode()

    def send(connection: http.client.HTTPConnection, path: str, body: bytes, kind: str = "application/json") -> Any:
        connection.request("POST", API + path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def share(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(first, tests, CONNECTIONS):
            result = send(connection, "/test-case-results", json.dumps({"name": f"test_{number}"}).encode())["id"]
            send(connection, f"/test-case-results/{result}/steps", steps)
            send(connection, f"/test-case-results/{result}/artifacts/batch", batch, "multipart/form-data; boundary=XB")
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(share, range(CONNECTIONS)))


def client(folder: Path, port: int, *options: str) -> None:
    command = [str(BIN / "artifactsvc"), "upload", str(folder), "--url", f"http://127.0.0.1:{port}", "--spool", str(folder.parent / "spool")]
    subprocess.run([*command, "--jobs", str(CONNECTIONS), "--quiet", "--run", os.urandom(8).hex(), *options], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8132)
    parser.add_argument("--database", help="the URL of an empty database; SQLite by default")
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="artifactsvc-bench-"))
    reports = work / "reports"
    reports.mkdir()
    make_report(reports, args.tests)
    environ = {**os.environ, "DATABASE_URL": args.database or f"sqlite:///{work}/bench.sqlite", "ARTIFACT_STORAGE_PATH": f"{work}/files"}
    server = subprocess.Popen([str(BIN / "pserve"), "development.ini", f"http_port={args.port}"], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    senders: dict[str, Callable[[], None]] = {
        "the server's limit": lambda: plain_sender(reports, args.tests, args.port),
        "upload --no-png": lambda: client(reports, args.port, "--no-png"),
        "upload": lambda: client(reports, args.port),
    }
    seen: dict[str, list[float]] = {name: [] for name in senders}
    try:
        wait(f"http://127.0.0.1:{args.port}/livez")
        for _ in range(args.rounds):
            for name, send in senders.items():
                started = time.perf_counter()
                send()
                seen[name].append(args.tests / (time.perf_counter() - started))
        for name, rates in seen.items():
            print(f"{name:<20} {statistics.median(rates):6.1f} tests a second")
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
