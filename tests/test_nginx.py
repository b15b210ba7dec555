"""The nginx configuration of docs/deployment.md, in a real nginx, in front of a real server."""

import getpass
import http.client
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.api import BASE, multipart, png
from tests.live import ROOT, LiveServer, free_port

# .ci/run installs nginx and sets CI, so that this runs there in any case
pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")


@pytest.fixture
def behind_nginx(tmp_path, sqlite_template, storage):
    ini = tmp_path / "behind.ini"
    ini.write_text(
        (ROOT / "development.ini")
        .read_text()
        .replace("artifact.accel_redirect =", "artifact.accel_redirect = /protected-artifacts")
        .replace("%(here)s", str(tmp_path))
        .replace("[server:main]", "[server:main]\ntrusted_proxy = 127.0.0.1\ntrusted_proxy_headers = x-forwarded-for x-forwarded-proto")
    )
    server = LiveServer(free_port(), {"ARTIFACT_STORAGE_PATH": str(storage)}, tmp_path / "server.log", str(ini))
    server.start()
    port = free_port()
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)[1]
    block = block.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:8000", server.url)
    block = block.replace("/var/lib/artifactsvc/artifacts/", f"{storage}/")
    folder = tmp_path / "nginx"
    folder.mkdir()
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = folder / "nginx.conf"
    config.write_text(
        f"user {getpass.getuser()}; pid {folder}/pid; error_log {folder}/error.log; daemon off; events {{}}\nhttp {{ access_log off; {temporary}\n{block}\n}}"
    )
    nginx = subprocess.Popen(["nginx", "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.connect()
            break
        except OSError:
            assert nginx.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
    yield connection, server
    connection.close()
    nginx.terminate()
    nginx.wait(10)
    server.stop()


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response, response.read()


def test_nginx_sends_the_files_when_the_setting_names_its_location(behind_nginx, storage):
    connection, server = behind_nginx
    response, body = ask(
        connection, "POST", f"{BASE}/test-case-results", b'{"name": "t", "id": "6f1c1c3e-4b60-4f0c-9d5c-0a4b7f1f8a01"}', {"Content-Type": "application/json"}
    )
    assert response.status == 201, body
    data = png(noise=b"n" * 50_000)
    form = multipart([("artifact_type", None, None, b"screenshot"), ("file", "häß.png", "image/png", data)])
    response, body = ask(
        connection,
        "POST",
        f"{BASE}/test-case-results/6f1c1c3e-4b60-4f0c-9d5c-0a4b7f1f8a01/artifacts",
        form,
        {"Content-Type": "multipart/form-data; boundary=XbX"},
    )
    assert response.status == 201, body
    path = re.search(rb'"download_url":"([^"]*)"', body)[1].decode()

    response, body = ask(connection, "GET", path)
    assert (response.status, body) == (200, data)
    assert response.headers["Server"].startswith("nginx")
    assert response.headers["X-Accel-Redirect"] is None
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "public, max-age=31536000"
    assert "filename*=UTF-8''h%C3%A4%C3%9F.png" in response.headers["Content-Disposition"]

    response, body = ask(connection, "GET", path, headers={"Range": "bytes=-10"})
    assert (response.status, body) == (206, data[-10:])
    assert ask(connection, "GET", "/protected-artifacts/" + next(storage.rglob("*.png")).relative_to(storage).as_posix())[0].status == 404
    assert "127.0.0.1" in Path(server.log).read_text()


def test_a_large_batch_passes_when_nginx_is_in_front(behind_nginx):
    connection, _ = behind_nginx
    _, body = ask(connection, "POST", f"{BASE}/test-case-results", b'{"name": "t"}', {"Content-Type": "application/json"})
    result = re.search(rb'"id":"([^"]*)"', body)[1].decode()
    data = b"a line of a log\n" * 600_000
    metadata = b'[{"file_index": 0, "artifact_type": "log"}, {"file_index": 1, "artifact_type": "log"}, {"file_index": 2, "artifact_type": "log"}]'
    form = multipart([*(("files", f"{n}.log", "text/plain", data) for n in range(3)), ("metadata", None, None, metadata)])
    response, body = ask(connection, "POST", f"{BASE}/test-case-results/{result}/artifacts/batch", form, {"Content-Type": "multipart/form-data; boundary=XbX"})
    assert response.status == 201, body
