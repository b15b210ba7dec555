"""SIGKILL in the middle of uploads: what got a 201 is there, byte for byte; what is left over, a sweep removes."""

import hashlib
import http.client
import json
import random
import signal
import threading
import time

from artifactsvc.filestore import FileStore
from artifactsvc.models.engines import make_engines
from artifactsvc.services import sweep
from tests.api import BASE, multipart, png


class Uploader(threading.Thread):
    """Uploads until the server is gone, and remembers what was acknowledged: artifact id -> SHA-256."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server = server
        self.number = number
        self.acknowledged = {}

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            self.upload(connection)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server was killed
        finally:
            connection.close()

    def upload(self, connection):

        def post(path, body, content_type):
            connection.request("POST", BASE + path, body, {"Content-Type": content_type})
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 201, answer
            return answer

        while True:
            result = post("/test-case-results", b'{"name": "t"}', "application/json")["id"]
            files = [png(noise=random.randbytes(50_000)) for _ in range(5)]
            metadata = json.dumps([{"file_index": n, "artifact_type": "screenshot", "step_number": n + 1} for n in range(5)]).encode()
            body = multipart([("metadata", None, None, metadata), *(("files", f"{n}.png", "image/png", data) for n, data in enumerate(files))])
            answer = post(f"/test-case-results/{result}/artifacts/batch", body, "multipart/form-data; boundary=XbX")
            for artifact, data in zip(answer["artifacts"], files, strict=True):
                self.acknowledged[artifact["id"]] = hashlib.sha256(data).hexdigest()


def download(server, artifact):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"{BASE}/artifacts/{artifact}/download")
    response = connection.getresponse()
    data = response.read()
    connection.close()
    assert response.status == 200, (artifact, data)
    return hashlib.sha256(data).hexdigest()


def test_every_acknowledged_upload_is_there_when_the_server_was_killed(live_server, database_url, storage):
    acknowledged = {}
    for _ in range(3):
        uploaders = [Uploader(live_server, number) for number in range(6)]
        for uploader in uploaders:
            uploader.start()
        time.sleep(random.uniform(0.5, 1.2))
        live_server.kill()
        for uploader in uploaders:
            uploader.join(30)
            acknowledged.update(uploader.acknowledged)
        live_server.start()
    assert len(acknowledged) > 20
    lost = [artifact for artifact, checksum in acknowledged.items() if download(live_server, artifact) != checksum]
    assert lost == []

    engines, store = make_engines(database_url, 2, 10), FileStore(storage)
    rows = list(sweep.check(engines.read, store, deep=True))
    assert [row for row, problem in rows if problem] == []
    assert {row.id for row, _ in rows} >= set(acknowledged)
    live_server.stop()
    sweep.sweep(engines, store, -1, idempotency_hours=24)
    left = {path for path, _ in store.walk()}
    assert left == {row.storage_path for row, _ in rows}
    assert list(store.walk_staging()) == []
    engines.dispose()


def test_the_sweep_removes_named_staged_files_when_they_are_old_enough(tmp_path, sqlite_template):
    store = FileStore(tmp_path / "artifacts")
    store.use_names()
    staged = store.stage()
    staged.write(b"half of a file")
    engines = make_engines(f"sqlite:///{sqlite_template}", 1, 5)
    assert sweep.sweep(engines, store, 3600, idempotency_hours=24).staged == 0
    assert sweep.sweep(engines, store, -1, idempotency_hours=24).staged == 1
    assert list(store.walk_staging()) == []
    engines.dispose()


def test_a_request_that_has_arrived_is_answered_when_sigterm_comes(live_server):
    body = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"line\n" * 1_900_000)])
    answers = []
    connection = http.client.HTTPConnection("127.0.0.1", live_server.port, timeout=30)
    connection.request("POST", f"{BASE}/test-case-results", b'{"name": "t"}', {"Content-Type": "application/json"})
    result = json.loads(connection.getresponse().read())["id"]

    sent = threading.Event()

    def upload():
        connection.request("POST", f"{BASE}/test-case-results/{result}/artifacts", body, {"Content-Type": "multipart/form-data; boundary=XbX"})
        sent.set()
        answers.append(connection.getresponse().status)

    thread = threading.Thread(target=upload)
    thread.start()
    assert sent.wait(20)
    live_server.process.send_signal(signal.SIGTERM)
    thread.join(30)
    connection.close()
    assert live_server.process.wait(20) == 0
    assert answers == [201]
