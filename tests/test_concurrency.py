"""Many clients at once, against the real server."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

from tests.api import BASE, multipart, png, step

FORM = "multipart/form-data; boundary=XbX"


def send(server, method, path, body=None, content_type="application/json", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, path, data, {"Content-Type": content_type, **(headers or {})} if data is not None else {})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text)


def delete(server, path) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("DELETE", path)
    status = connection.getresponse().status
    connection.close()
    return status


def new_result(server) -> str:
    return send(server, "POST", f"{BASE}/test-case-results", {"name": "t"})[1]["id"]


def at_once(count, function):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(function, range(count)))


def test_one_of_sixteen_wins_when_steps_are_posted_at_once(live_server):
    for _ in range(5):
        result = new_result(live_server)
        # each has a step number of its own, so no unique constraint decides
        answers = at_once(16, lambda n, result=result: send(live_server, "POST", f"{BASE}/test-case-results/{result}/steps", {"steps": [step(n + 1)]}))
        assert sorted(status for status, _ in answers) == [201] + [409] * 15
        assert send(live_server, "GET", f"{BASE}/test-case-results/{result}/steps")[1]["total_steps"] == 1


def test_all_are_stored_when_sixteen_upload_the_same_step_at_once(live_server, storage):
    result = new_result(live_server)
    fields = [("artifact_type", None, None, b"screenshot"), ("step_number", None, None, b"1"), ("artifact_category", None, None, b"after")]

    def upload(number):
        body = multipart([*fields, ("file", "shot.png", "image/png", png(noise=b"%d" % number))])
        return send(live_server, "POST", f"{BASE}/test-case-results/{result}/artifacts", body, "multipart/form-data; boundary=XbX")

    answers = at_once(16, upload)
    assert [status for status, _ in answers] == [201] * 16
    names = {answer["storage_path"].rpartition("/")[2] for _, answer in answers}
    assert names == {"step_001_after.png"} | {f"step_001_after_{n}.png" for n in range(2, 17)}
    assert sum(path.is_file() for path in storage.rglob("step_*")) == 16
    assert send(live_server, "GET", f"{BASE}/test-case-results/{result}/artifacts")[1]["total"] == 16


def test_nobody_is_told_of_locks_when_everybody_writes_and_reads(live_server):
    results = [new_result(live_server) for _ in range(4)]

    def work(number):
        statuses = []
        result = results[number % 4]
        for turn in range(12):
            path = f"{BASE}/test-case-results/{result}"
            statuses.append(send(live_server, "PUT", path + "/steps", {"steps": [step(n) for n in range(1, 6)]})[0])
            statuses.append(send(live_server, "GET", path + "/steps")[0])
            statuses.append(send(live_server, "PATCH", path, {"duration_ms": turn})[0])
        return statuses

    assert {status for statuses in at_once(16, work) for status in statuses} == {200}
    assert "locked" not in live_server.log.read_text()


def test_work_is_done_once_when_the_same_key_comes_at_once(live_server):
    headers = {"Idempotency-Key": "the-same"}
    answers = at_once(8, lambda _: send(live_server, "POST", f"{BASE}/test-case-results", {"name": "t"}, headers=headers))
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert send(live_server, "GET", f"{BASE}/test-case-results")[1]["total"] == 1


def test_no_link_is_lost_when_screenshots_are_linked_while_the_steps_are_replaced(live_server):
    for _ in range(3):
        result = new_result(live_server)
        path = f"{BASE}/test-case-results/{result}"
        steps = {"steps": [step(n) for n in range(1, 9)]}
        ids = send(live_server, "POST", path + "/steps", steps)[1]["step_ids"]
        fields = [("artifact_type", None, None, b"screenshot"), ("file", "a.png", "image/png", png())]
        shot = send(live_server, "POST", path + "/artifacts", multipart(fields), FORM)[1]["id"]
        linked = []

        def work(number, path=path, steps=steps, ids=ids, shot=shot, linked=linked):
            if number < 8:
                status = send(live_server, "PATCH", f"{BASE}/steps/{ids[number]}", {"screenshot_artifact_id": shot})[0]
                linked.append(number + 1)
                return status
            return send(live_server, "PUT", path + "/steps", steps)[0]

        assert set(at_once(16, work)) == {200}
        shown = send(live_server, "GET", path + "/steps")[1]["steps"]
        assert sorted(item["step_number"] for item in shown if item["screenshot"]) == sorted(linked)


def test_no_step_shows_an_artifact_that_was_deleted_while_the_steps_were_replaced(live_server):
    for _ in range(3):
        result = new_result(live_server)
        path = f"{BASE}/test-case-results/{result}"
        fields = [("artifact_type", None, None, b"screenshot"), ("file", "a.png", "image/png", png())]
        shots = [send(live_server, "POST", path + "/artifacts", multipart(fields), FORM)[1]["id"] for _ in range(6)]
        named = {"steps": [step(n, screenshot_artifact_id=shots[n - 1]) for n in range(1, 7)]}
        assert send(live_server, "PUT", path + "/steps", named)[0] == 200

        def work(number, path=path, shots=shots):
            if number < 6:
                return delete(live_server, f"{BASE}/artifacts/{shots[number]}")
            return send(live_server, "PUT", path + "/steps", {"steps": [step(n) for n in range(1, 7)]})[0]

        assert set(at_once(12, work)) == {200, 204}
        assert send(live_server, "PUT", path + "/steps", {"steps": [step(n) for n in range(1, 7)]})[0] == 200
        assert [item["screenshot"] for item in send(live_server, "GET", path + "/steps")[1]["steps"]] == [None] * 6


def test_deleting_a_result_leaves_no_file_when_uploads_are_under_way(live_server, storage):
    for kind in ("result", "run"):
        run = send(live_server, "POST", f"{BASE}/test-runs", {"name": "nightly"})[1]["id"]
        result = send(live_server, "POST", f"{BASE}/test-case-results", {"name": "t", "test_run_id": run})[1]["id"]
        path = f"{BASE}/test-case-results/{result}"
        fields = [("artifact_type", None, None, b"screenshot"), ("file", "a.png", "image/png", png())]

        def work(number, path=path, fields=fields, url=path if kind == "result" else f"{BASE}/test-runs/{run}"):
            if number == 8:
                return delete(live_server, url)
            return send(live_server, "POST", path + "/artifacts", multipart(fields), FORM)[0]

        assert set(at_once(16, work)) <= {201, 204, 404}
        assert send(live_server, "GET", path)[0] == 404
        assert [found for found in storage.rglob("*.png") if found.is_file()] == []
