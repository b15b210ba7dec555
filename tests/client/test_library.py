"""`Client`: every endpoint, and what it raises."""

import gzip
import threading
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from artifactsvc.client import (
    ApiError,
    Client,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotReachedError,
    TooLargeError,
    UnsupportedTypeError,
    UploadFile,
)
from tests.api import UNKNOWN, new_uuid, png, step
from tests.live import free_port


@pytest.fixture
def result(client):
    return client.create_result("test_login")["id"]


def test_a_run_is_made_changed_listed_and_deleted(client):
    project = new_uuid()
    run = client.create_run("nightly", project=project, branch="main", started_at=datetime(2026, 1, 24, 12, tzinfo=timezone(timedelta(hours=2))))
    assert run["started_at"] == "2026-01-24T10:00:00.000Z"
    assert client.get_run(run["id"]) == run
    changed = client.update_run(run["id"], status="Passed", completed_at=datetime(2026, 1, 24, 11, tzinfo=UTC))
    assert (changed["status"], changed["completed_at"], changed["branch"]) == ("Passed", "2026-01-24T11:00:00.000Z", "main")
    assert [item["id"] for item in client.list_runs(project=project)] == [run["id"]]
    client.delete_run(run["id"])
    with pytest.raises(NotFoundError) as caught:
        client.get_run(run["id"])
    assert (caught.value.status, caught.value.detail) == (404, "Test run not found")


def test_a_result_is_made_changed_and_deleted(client):
    result_id = new_uuid()
    result = client.create_result("test_a", id=result_id, status="Failed", duration_ms=7)
    assert (result["id"], result["full_name"]) == (result_id, "test_a")
    with pytest.raises(ConflictError):
        client.create_result("test_a", id=result_id)
    assert client.update_result(result_id, status="Passed")["status"] == "Passed"
    assert client.get_result(result_id)["duration_ms"] == 7
    client.delete_result(result_id)
    with pytest.raises(NotFoundError):
        client.get_result(result_id)


def test_lists_are_read_page_by_page_to_their_end(client):
    run = client.create_run("pages")["id"]
    names = [f"test {number}" for number in range(7)]
    for name in names:
        client.create_result(name, test_run_id=run)
    assert [item["name"] for item in client.list_results(test_run_id=run, per_page=3)] == names[::-1]
    assert list(client.list_results(test_run_id=run, status="Failed")) == []


def test_steps_are_stored_replaced_and_read(client, result):
    stored = client.create_steps(result, [step(1), step(2, status="Failed", started_at=datetime(2026, 1, 1, tzinfo=UTC))])
    with pytest.raises(ConflictError):
        client.create_steps(result, [step(1)])
    assert client.replace_steps(result, [step(1), step(2, status="Passed")])["step_ids"] == stored["step_ids"]
    report = client.get_steps(result, status="Passed")
    assert (report["total_steps"], len(report["steps"])) == (2, 1)
    assert "screenshot" not in client.get_steps(result, include_artifacts=False)["steps"][0]
    assert client.get_step(stored["step_ids"][1])["step_number"] == 2


def test_wrong_fields_are_named(client, result):
    with pytest.raises(InvalidError) as caught:
        client.create_steps(result, [step(1, status="Broken")])
    assert caught.value.errors == {"steps.0.status": "must be one of Passed, Failed, Skipped, Pending"}
    assert caught.value.status == 422
    assert "Passed" in caught.value.detail


def test_a_file_is_uploaded_from_its_path_and_downloaded(client, result, tmp_path):
    path, target = tmp_path / "shot.png", tmp_path / "again.png"
    path.write_bytes(png(noise=b"x" * 300_000))
    (step_id,) = client.create_steps(result, [step(3)])["step_ids"]
    artifact = client.upload_artifact(
        result, path, "screenshot", step_number=3, artifact_category="after", captured_at=datetime(2026, 1, 1, tzinfo=UTC), link_to_step=True
    )
    assert (artifact["file_name"], artifact["captured_at"], artifact["step_number"]) == ("shot.png", "2026-01-01T00:00:00.000Z", 3)
    assert client.get_step(step_id)["screenshot_artifact_id"] == artifact["id"]
    assert client.download(artifact["id"], target) == path.stat().st_size
    assert target.read_bytes() == path.read_bytes()
    assert b"".join(client.read_artifact(artifact["id"], 1, 4)) == b"PNG"
    assert client.get_artifact(artifact["id"])["checksum"] == UploadFile(path).checksum()
    with pytest.raises(NotFoundError):
        client.download(UNKNOWN, target)
    assert target.read_bytes() == path.read_bytes()
    client.link_screenshot(step_id, None)
    assert client.get_step(step_id)["screenshot_artifact_id"] is None
    client.delete_artifact(artifact["id"])
    assert list(client.list_artifacts(result)) == []


def test_a_batch_tells_which_files_were_refused(client, result):
    files = [
        (UploadFile(png(), "a.png"), {"artifact_type": "screenshot", "step_number": 1}),
        (UploadFile(png()[:-5], "b.png"), {"artifact_type": "screenshot"}),
        (UploadFile(b"line\n", "c.log"), {"artifact_type": "log"}),
    ]
    answer = client.upload_batch(result, files)
    assert [item["file_name"] for item in answer["artifacts"]] == ["a.png", "c.log"]
    assert answer["failed"] == [{"file_index": 1, "file_name": "b.png", "error": "File corrupted or unreadable"}]
    assert [item["file_name"] for item in client.list_artifacts(result, artifact_type="log")] == ["c.log"]


def test_a_key_makes_two_calls_one(client, result):
    key = new_uuid()
    first, second = (client.upload_artifact(result, UploadFile(b"x", "x.txt"), "log", key=key) for _ in range(2))
    assert first == second
    assert len(list(client.list_artifacts(result))) == 1


@pytest.mark.parametrize(
    ("file", "error", "status"),
    [
        (UploadFile(b"x" * (10 * 2**20 + 1), "x.log"), TooLargeError, 413),
        (UploadFile(b"x", "x.exe", "application/x-executable"), UnsupportedTypeError, 415),
        (UploadFile(b"", "x.log"), InvalidError, 422),
    ],
)
def test_a_refused_file_raises(client, result, file, error, status):
    with pytest.raises(error) as caught:
        client.upload_artifact(result, file, "log")
    assert caught.value.status == status


def test_limits_and_readiness_are_told(client):
    assert client.limits()["batch_max_files"] == 50
    assert client.is_ready()


def test_a_server_that_is_not_there_raises(tmp_path):
    with Client(f"http://127.0.0.1:{free_port()}", retries=0) as client:
        assert not client.is_ready()
        with pytest.raises(NotReachedError):
            client.limits()


def test_another_server_raises_what_it_says(server):
    with Client(server.url, api_path="/elsewhere") as client, pytest.raises(ApiError) as caught:
        client.limits()
    assert caught.value.status == 404


def test_an_unknown_step_raises_with_the_texts_of_the_server(client):
    with pytest.raises(NotFoundError, match="Step not found"):
        client.link_screenshot(UNKNOWN, None)


def test_the_token_is_sent_as_bearer(server):
    from tests.client.proxy import Proxy

    proxy = Proxy(server.port, lambda number, method, path: None)
    handler, seen = proxy.http.RequestHandlerClass, []
    handler.parse_request = lambda self, parse=handler.parse_request: parse(self) and not seen.append(self.headers.get("Authorization"))
    with Client(proxy.url, "secret") as client:
        client.limits()
    proxy.stop()
    assert seen == ["Bearer secret"]


class _HalfAnswer(BaseHTTPRequestHandler):
    """A proxy that compresses what may be compressed, and breaks off."""

    def log_message(self, *args): ...

    def do_GET(self):
        data = b"the log" if "gzip" not in self.headers["Accept-Encoding"] else gzip.compress(b"the log")
        self.send_response(200)
        self.send_header("Content-Length", str(len(data) + (5 if UNKNOWN in self.path else 0)))
        self.end_headers()
        self.wfile.write(data)


def test_a_download_is_never_compressed_and_a_broken_one_is_said(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), _HalfAnswer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Client(f"http://127.0.0.1:{server.server_port}", retries=0) as client:
            client.download(new_uuid(), tmp_path / "a.log")
            assert (tmp_path / "a.log").read_bytes() == b"the log"
            with pytest.raises(NotReachedError):
                client.download(UNKNOWN, tmp_path / "b.log")
        server.shutdown()


def test_every_method_says_what_it_does():
    assert [name for name, method in vars(Client).items() if not name.startswith("_") and callable(method) and not method.__doc__] == []
