"""A real browser, Debian's chromium, on the real server.

`page` fails its test on any console error, script error or violation of the Content-Security-Policy; `audit` is axe-core.
"""

import json
import shutil
import urllib.request
import uuid
from pathlib import Path

import axe_playwright_python
import pytest

from tests.api import multipart, png
from tests.live import LiveServer, free_port

CHROMIUM = shutil.which("chromium")
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"  # axe-core as npm has it, in a Python package
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; .ci/run installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Site:
    """The server, and uploads to it through the API."""

    def __init__(self, server, token=None):
        self.url, self.api = server.url, server.api
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def put(self, path, body):
        return self.post(path, body, method="PUT")

    def post(self, path, body, content_type="application/json", method="POST"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, {"Content-Type": content_type, **self.headers}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def run(self, **fields):
        return self.post("/test-runs", {"name": "Nightly", **fields})["id"]

    def result(self, **fields):
        return self.post("/test-case-results", {"name": "test_login", **fields})["id"]

    def steps(self, result, steps):
        return self.post(f"/test-case-results/{result}/steps", {"steps": steps})

    def upload(self, result, data=None, name="shot.png", content_type="image/png", **fields):
        fields = {"artifact_type": "screenshot", **fields}
        parts = [(key, None, None, str(value).encode()) for key, value in fields.items()]
        body = multipart([*parts, ("file", name, content_type, png(noise=uuid.uuid4().bytes) if data is None else data)])
        return self.post(f"/test-case-results/{result}/artifacts", body, "multipart/form-data; boundary=XbX")["id"]


@pytest.fixture
def site(tmp_path):
    """An empty server on SQLite: what the databases answer is the other tests' business."""
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite", "ARTIFACT_STORAGE_PATH": str(tmp_path / "artifacts")}
    server = LiveServer(free_port(), environ, tmp_path / "server.log")
    server.start()
    yield Site(server)
    server.stop()


@pytest.fixture(params=["light", "dark"])
def theme(request):
    return request.param


@pytest.fixture
def page(browser, site):
    context = browser.new_context(base_url=site.url, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', event => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))"
    )
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def audit(page):
    """Ask axe-core about the page that is shown; fails on anything serious."""

    def run():
        # evaluate goes round the page's own Content-Security-Policy, which lets no script of others in
        page.evaluate(AXE.read_text() + ";0")
        found = page.evaluate("axe.run()")["violations"]
        serious = [(item["id"], item["help"], [node["html"] for node in item["nodes"]][:3]) for item in found if item["impact"] in SERIOUS]
        assert serious == []

    return run
