"""How soon the pages stand, in a real browser: a result of 2,000 steps and 500 screenshots, a run of 5,000 results, 10,000 runs.

Fills an empty database, starts the server, opens each page several times in Chromium and prints medians, in milliseconds: first contentful paint,
and when the failing step (or the list) is on the screen. Needs Debian's `chromium` and the package `playwright`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from requests import png

from artifactsvc import make_app
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact, Step, TestCaseResult, TestRun
from artifactsvc.models.meta import utc_now

ROOT = Path(__file__).resolve().parent.parent


def fill(url: str, storage: str) -> dict[str, tuple[str, str]]:
    """Returns the page and what has to be seen on it, by name."""
    os.environ.update(DATABASE_URL=url, ARTIFACT_STORAGE_PATH=storage)
    app = make_app({"auth.required": "false", "artifactsvc.migrate": "true"})
    now = utc_now()
    runs = [
        {"id": new_id(), "name": f"Nightly {n}", "project": f"shop{n % 7}", "branch": "main", "status": "Passed", "created_at": now - timedelta(minutes=n)}
        for n in range(10_000)
    ]
    results = [result(run["id"], f"test_{n}", now) for run in runs[1:] for n in range(10)]
    large = [result(runs[0]["id"], f"test_large_{n}", now) for n in range(5_000)]
    heavy = large[0]
    heavy["status"] = "Failed"
    steps = [
        {
            "id": new_id(), "test_case_result_id": heavy["id"], "step_number": n, "step_type": "click", "action": f"Click on control {n}", "duration_ms": n,
            "status": "Failed" if n == 1500 else "Passed", "error_message": "nothing came" if n == 1500 else None, "created_at": now,
        }
        for n in range(1, 2001)
    ]  # fmt: skip
    store = app.registry["file store"]
    artifacts = []
    for n in range(500):
        with store.stage() as staged:
            staged.write(png(20_000))
            path = store.publish(staged, f"{now:%Y/%m/%d}/{heavy['id']}", f"step_{n * 4:03d}_after", ".png")
            artifacts.append(artifact(heavy["id"], n * 4 or 1, path, staged, now))
    with app.registry["engines"].write.begin() as db:
        for table, rows in ((TestRun, runs), (TestCaseResult, results + large), (Step, steps), (Artifact, artifacts)):
            db.execute(table.__table__.insert(), rows)
    app.registry["engines"].dispose()
    return {
        "10,000 runs": ("/", "text=Nightly 0"),
        "10,000 runs, at the end": (f"/?until={now - timedelta(days=6):%Y-%m-%d}", "text=Nightly"),
        "a run of 5,000 results": (f"/runs/{runs[0]['id']}", "text=test_large_0"),
        "2,000 steps, 500 screenshots": (f"/results/{heavy['id']}", "text=nothing came"),
    }


def result(run_id: str, name: str, now: Any) -> dict[str, Any]:
    row = {"id": new_id(), "test_run_id": run_id, "name": name, "full_name": "tests/test_shop.py::" + name, "suite": f"suite {len(name)}"}
    return {**row, "status": "Passed", "duration_ms": 350, "created_at": now}


def artifact(result_id: str, number: int, path: str, staged: Any, now: Any) -> dict[str, Any]:
    row = {"id": new_id(), "test_case_result_id": result_id, "artifact_type": "screenshot", "file_name": "shot.png", "file_size": staged.size}
    row |= {"mime_type": "image/png", "checksum": staged.checksum, "storage_path": path, "step_number": number, "iteration_number": 1}
    return {**row, "artifact_category": "after", "uploaded_at": now, "created_at": now}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=8131)
    parser.add_argument("--database", help="the URL of an empty database; SQLite by default")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="artifactsvc-bench-")
    url = args.database or f"sqlite:///{folder}/bench.sqlite"
    pages = fill(url, f"{folder}/files")
    server = subprocess.Popen([str(Path(sys.executable).parent / "pserve"), "development.ini", f"http_port={args.port}"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait(f"http://127.0.0.1:{args.port}/livez")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
            for name, (path, seen) in pages.items():
                times = [visit(browser, f"http://127.0.0.1:{args.port}{path}", seen) for _ in range(args.rounds)]
                paint, visible, answer = (statistics.median(column) for column in zip(*times, strict=True))
                print(f"{name:<30} first paint {paint:5.0f}   visible {visible:5.0f}   answer {answer:5.0f}")
            browser.close()
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def wait(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def visit(browser: Any, url: str, seen: str) -> tuple[float, float, float]:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(seen).first.wait_for()
    visible = (time.perf_counter() - started) * 1e3
    paint = page.evaluate(
        "() => new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].startTime)).observe({type: 'paint', buffered: true}))"
    )
    answer = page.evaluate("() => performance.getEntriesByType('navigation')[0].responseEnd")
    page.context.close()
    return paint, visible, answer


if __name__ == "__main__":
    main()
