"""`make demo`: a server full of reports. Starts one on a folder of its own and sends it two weeks of a shop's tests, through the API.

With `--url` the reports go to a server that runs already (`ARTIFACTSVC_TOKEN` when it asks for one).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from story import FAILURES, FLAKY, IN_TWO_BROWSERS, RUNS, SKIPPED, TESTS

HERE = Path(__file__).resolve().parent
TYPES = "image/png image/jpeg image/gif application/json text/plain text/html application/pdf video/webm"


class Api:
    """Sends one request after the other. Raises SystemExit with the server's words."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") + "/api/v1/reports"

    def __call__(self, method: str, path: str, body: Any, content_type: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": content_type}
        if os.environ.get("ARTIFACTSVC_TOKEN"):
            headers["Authorization"] = "Bearer " + os.environ["ARTIFACTSVC_TOKEN"]
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method)) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def batch(self, result: str, files: list[tuple[str, str, bytes, dict[str, Any]]]) -> None:
        """Parameters: `files`, each with name, type, bytes and metadata. What the server does not take is named on standard error."""
        parts = [
            f'--XB\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {media_type}\r\n\r\n'.encode() + data + b"\r\n"
            for name, media_type, data, _ in files
        ]
        metadata = json.dumps([{"file_index": number, **file[3]} for number, file in enumerate(files)])
        parts.append(f'--XB\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{metadata}\r\n--XB--\r\n'.encode())
        answer = self("POST", f"/test-case-results/{result}/artifacts/batch", b"".join(parts), "multipart/form-data; boundary=XB")
        for failed in answer["failed"]:
            print(f"not taken: {failed['file_name']}: {failed['error']}", file=sys.stderr)


def fill(url: str) -> int:
    """Send all runs. Returns the number of results."""
    api, dice, count = Api(url), random.Random(1842), 0
    for days, name, branch, commit, environment, failures in RUNS:
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days, minutes=25)
        start = moment
        facts = {
            "project": "acme-shop",
            "branch": branch,
            "commit_sha": commit,
            "environment": environment,
            "build_url": "https://ci.example/builds/" + commit[:6],
        }
        run = api("POST", "/test-runs", {"name": name, "status": "Pending", "started_at": start.isoformat(), **facts})["id"]
        for test in TESTS:
            for browser in ("chrome", "firefox") if test in IN_TWO_BROWSERS else ("chrome",):
                how = failures.get(test) if browser == "chrome" or test == "test_cart_total" else None
                moment = send(api, run, test, browser, how, moment, dice)
                count += 1
                if test == FLAKY and how:  # tried again, and it worked
                    moment = send(api, run, test, browser, None, moment, dice)
                    count += 1
        api("PATCH", f"/test-runs/{run}", {"status": "Failed" if failures else "Passed", "completed_at": moment.isoformat()})
        print(f"{name}: sent")
    return count


def send(api: Api, run: str, test: str, browser: str, how: str | None, start: datetime, dice: random.Random) -> datetime:
    """One result with its steps and files. Returns when it ended."""
    suite, story = TESTS[test]
    failure = FAILURES[how] if how else None
    x = dice.randrange(400, 900)
    failed_at = next((number for number, step in enumerate(story) if failure and step[2] == failure[0]), None)
    steps, files, moment = [], [], start
    for number, (kind, action, shot, selector, value, expected) in enumerate(story, 1):
        runs = test != SKIPPED and (failed_at is None or number - 1 <= failed_at)
        fails = failed_at == number - 1
        took = (5000 if fails and how != "total" else dice.randrange(60, 1400)) if runs else None
        step = {
            "step_number": number,
            "step_type": kind,
            "action": action,
            "status": "Failed" if fails else "Passed" if runs else "Skipped",
            "duration_ms": took,
        }
        step |= {"element_selector": selector, "input_value": value, "expected_value": expected, "actual_value": expected if runs else None}
        if runs:
            step |= {"started_at": moment.isoformat(), "completed_at": (moment + timedelta(milliseconds=took or 0)).isoformat()}
            picture, category = (failure[4], "error") if fails and failure else (shot, "after")
            meta = {
                "artifact_type": "screenshot",
                "step_number": number,
                "artifact_category": category,
                "link_to_step": True,
                "captured_at": moment.isoformat(),
            }
            files.append((f"step_{number:03d}_{category}.png", "image/png", (HERE / "shots" / f"{picture}.png").read_bytes(), meta))
            moment += timedelta(milliseconds=took or 0)
        if fails and failure:
            _, error_type, message, actual, _, frame = failure
            step |= {
                "error_type": error_type,
                "error_message": message.format(x=x),
                "actual_value": actual,
                "stack_trace": trace(suite, test, frame, error_type),
            }
            before = {"artifact_type": "screenshot", "step_number": number, "artifact_category": "before"}
            files.append((f"step_{number:03d}_before.png", "image/png", (HERE / "shots" / f"{shot}.png").read_bytes(), before))
            files += evidence(number, how == "banner", moment)
        steps.append(step)
    error = {"error_type": failure[1], "error_message": failure[2].format(x=x)} if failure else {}
    body = {"test_run_id": run, "name": f"{test}[{browser}]", "full_name": f"{suite}::{test}[{browser}]", "suite": suite, **error}
    body |= {"status": "Skipped" if test == SKIPPED else "Failed" if failure else "Passed", "started_at": start.isoformat(), "completed_at": moment.isoformat()}
    result = api("POST", "/test-case-results", {**body, "duration_ms": int((moment - start).total_seconds() * 1000)})["id"]
    api("POST", f"/test-case-results/{result}/steps", {"steps": steps})
    if files:
        api.batch(result, files)
    return moment


def trace(suite: str, test: str, frame: str, error_type: str) -> str:
    return (
        f'Traceback (most recent call last):\n  File "{suite}", line 41, in {test}\n    shop.{test.removeprefix("test_")}()\n  File "{frame}\n'
        '  File "/usr/lib/python3/site-packages/selenium/webdriver/remote/webelement.py", line 94, in click\n    self._execute(Command.CLICK_ELEMENT)\n'
        '  File "/usr/lib/python3/site-packages/selenium/webdriver/remote/errorhandler.py", line 232, in check_response\n    raise exception_class(message, screen)\n'
        f"{error_type}"
    )


def evidence(number: int, with_video: bool, moment: datetime) -> list[tuple[str, str, bytes, dict[str, Any]]]:
    """The log, the HAR and, for some, the video of a failed test."""
    lines = [f"{moment - timedelta(milliseconds=40 * (200 - n)):%H:%M:%S.%f} \x1b[32mINFO\x1b[0m  shop.api GET /api/items?page={n} 200" for n in range(200)]
    lines.append(f"{moment:%H:%M:%S.%f} \x1b[31mERROR\x1b[0m shop.ui click was intercepted; giving up after 5 s")
    files = [("console.log", "text/plain", "\n".join(lines).encode(), {"artifact_type": "log", "step_number": number})]
    entries = [
        {
            "startedDateTime": (moment + timedelta(milliseconds=35 * n)).isoformat(), "time": 20 + 13 * (n % 5),
            "request": {"method": "POST" if n == 7 else "GET", "url": f"https://shop.example{path}", "httpVersion": "HTTP/2", "headers": [{"name": "Accept", "value": kind}],
                        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": status, "statusText": "", "httpVersion": "HTTP/2", "headers": [{"name": "Content-Type", "value": kind}], "cookies": [], "redirectURL": "",
                         "content": {"size": 400 * (n + 1), "mimeType": kind}, "headersSize": -1, "bodySize": 400 * (n + 1)},
            "cache": {}, "timings": {"send": 1, "wait": 12 + n, "receive": 7 + 13 * (n % 5)},
        }
        for n, (path, kind, status) in enumerate((
            ("/login", "text/html", 200), ("/shop.css", "text/css", 200), ("/shop.js", "application/javascript", 200), ("/logo.svg", "image/svg+xml", 304),
            ("/api/items?page=1", "application/json", 200), ("/api/consent", "application/json", 404), ("/fonts/acme.woff2", "font/woff2", 200), ("/api/session", "application/json", 401),
        ))
    ]  # fmt: skip
    har = {"log": {"version": "1.2", "creator": {"name": "demo", "version": "1"}, "pages": [], "entries": entries}}
    files.append(("network.har", "application/json", json.dumps(har).encode(), {"artifact_type": "har", "step_number": number}))
    if with_video:
        files.append(("test.webm", "video/webm", (HERE / "video.webm").read_bytes(), {"artifact_type": "video"}))
    return files


def serve(port: int) -> subprocess.Popen[bytes]:
    """A server of its own, on empty folders."""
    folder = HERE.parent / "data" / "demo"
    if folder.exists():
        raise SystemExit(f"{folder} is there already: remove it, or look at it with --keep (make demo DEMO=--keep)")
    return start(port, folder)


def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    environ = {"DATABASE_URL": f"sqlite:///{folder}/demo.sqlite", "ARTIFACT_STORAGE_PATH": str(folder / "artifacts"), "ARTIFACT_ALLOWED_TYPES": TYPES}
    command = [str(Path(sys.executable).parent / "pserve"), str(HERE.parent / "development.ini"), f"http_port={port}"]
    server = subprocess.Popen(command, env={**os.environ, **environ})
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return server
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server did not start") from None
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--keep", action="store_true", help="serve what an earlier demo left")
    args = parser.parse_args()
    if args.url:
        print(f"{fill(args.url)} results sent to {args.url}")
        return
    server = start(args.port, HERE.parent / "data" / "demo") if args.keep else serve(args.port)
    try:
        if not args.keep:
            print(f"{fill(f'http://127.0.0.1:{args.port}')} results; look at http://127.0.0.1:{args.port}/   (Ctrl-C ends it)")
        server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
