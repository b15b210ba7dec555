"""Networks, servers and clients that fail: nothing is lost, nothing is there twice, and the spool delivers later."""

import hashlib
import json
import random
import signal
import time
from collections import Counter

import pytest

from artifactsvc.client import Client
from artifactsvc.client.transport import Transport
from tests.client.proxy import Proxy
from tests.client.test_upload import run_of
from tests.live import free_port


@pytest.fixture
def make_proxy(server):
    proxies = []

    def make(misbehave):
        proxies.append(Proxy(server.port, misbehave))
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.stop()


@pytest.fixture
def impatient(monkeypatch):
    """Waits between retries are short."""
    monkeypatch.setattr("artifactsvc.client.transport.FIRST_WAIT", 0.01)
    monkeypatch.setattr("artifactsvc.client.transport.LONGEST_WAIT", 0.05)


def assert_whole(client, run, path, tests, screenshots):
    """Every test of the report is there once, with its steps and the very bytes of its screenshots."""
    results = list(client.list_results(test_run_id=run, per_page=500))
    assert Counter(result["name"] for result in results) == Counter(f"test {number}" for number in range(tests))
    for result in results:
        number = result["name"].split()[1]
        report = client.get_steps(result["id"])
        found = [(artifact["file_name"], artifact["file_size"]) for step in report["steps"] for artifact in step["artifacts"]]
        wanted = [(f"{number}-{step}.png", (path.parent / f"{number}-{step}.png").stat().st_size) for step in range(1, screenshots + 1)]
        assert found == wanted, result["name"]
        assert all(step["screenshot"] for step in report["steps"])


def test_nothing_is_lost_or_doubled_when_every_third_answer_is_cut_off(run_cli, client, make_proxy, make_report, impatient):
    proxy = make_proxy(lambda number, method, path: "cut" if number % 3 == 0 else None)
    path = make_report(tests=12, screenshots=3)
    code, out, err = run_cli("upload", path, "--no-png", "--retries", "20", url=proxy.url)
    assert code == 0, err
    assert_whole(client, run_of(out), path, 12, 3)
    assert all(key for method, _, key in proxy.seen if method == "POST")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_request_is_tried_again_when_the_server_says_later(run_cli, client, make_proxy, make_report, impatient, status):
    random.seed(status)
    proxy = make_proxy(lambda number, method, path: (status, {"Retry-After": "0"}) if random.random() < 0.3 else None)
    path = make_report(tests=5, screenshots=2)
    code, out, err = run_cli("upload", path, "--no-png", "--retries", "12", url=proxy.url)
    assert code == 0, err
    assert_whole(client, run_of(out), path, 5, 2)


def test_retry_after_is_honoured(make_proxy):
    waited = []
    proxy = make_proxy(lambda number, method, path: (503, {"Retry-After": "7"}) if number < 3 else None)
    with Client(proxy.url, wait=lambda seconds: bool(waited.append(seconds))) as client:
        client.limits()
    assert len(waited) == 2
    assert all(7 <= seconds < 8 for seconds in waited)


def test_waits_grow_and_differ():
    waits = [[Transport._pause(attempt, None) for _ in range(50)] for attempt in range(10)]
    assert all(len(set(some)) > 40 for some in waits)
    assert all(0.25 * 2**attempt <= min(some) for attempt, some in enumerate(waits[:6]))
    assert max(waits[9]) <= 30


@pytest.mark.parametrize("status", [401, 403])
def test_everything_waits_in_the_spool_when_the_token_is_not_accepted(run_cli, client, make_proxy, make_report, status):
    proxy = make_proxy(lambda number, method, path: (status, {}))
    path = make_report(tests=3)
    code, out, err = run_cli("upload", path, "--no-png", url=proxy.url)
    assert code == 3
    assert "3 tests in the spool" in err
    assert ("ARTIFACTSVC_TOKEN" if status == 401 else "its role must be uploader") in err
    assert len(proxy.seen) == 1  # asking again would not help
    proxy.misbehave = lambda number, method, path: None
    assert run_cli("upload", "--resume", url=proxy.url)[0] == 0
    assert_whole(client, run_of(out), path, 3, 2)


def test_the_spool_delivers_to_its_own_server_when_it_was_away(run_cli, own_server, make_report, spool, tmp_path):
    path = make_report(tests=4, screenshots=2)
    code, out, err = run_cli("upload", path, "--no-png", "--retries", "0", url=own_server.url)
    assert code == 3
    assert "4 tests in the spool" in err
    kept = tmp_path / "kept"
    path.parent.rename(kept)  # the spool has copies
    own_server.start()
    code, again, err = run_cli("upload", "--resume", url=own_server.url)
    assert (code, again) == (0, out), err
    with Client(own_server.url) as client:
        assert_whole(client, run_of(out), kept / path.name, 4, 2)
        assert client.get_run(run_of(out))["status"] == "Passed"
    assert list(spool.iterdir()) == []
    assert run_cli("upload", "--resume")[0] == 0


def test_a_server_that_takes_nothing_more_leaves_the_rest_in_the_spool(run_cli, client, make_proxy, make_report, impatient):
    proxy = make_proxy(lambda number, method, path: (500, {}) if path.endswith("/steps") and method == "POST" and number % 2 else None)
    path = make_report(tests=6, screenshots=1)
    code, out, _ = run_cli("upload", path, "--no-png", "--json", url=proxy.url)
    summary = json.loads(out)
    assert code == 3
    assert summary["tests"] + summary["spooled"] == 6
    proxy.misbehave = lambda number, method, path: None
    assert run_cli("upload", "--resume", "--quiet")[0] == 0
    assert_whole(client, run_of(summary["url"]), path, 6, 1)


def test_nothing_is_missing_or_twice_when_the_server_is_killed_in_the_middle_of_500_tests(start_cli, own_server, make_report):
    own_server.start()
    path = make_report(tests=500, screenshots=1)
    process = start_cli("upload", path, "--no-png", "--retries", "1", "--json", url=own_server.url)
    with Client(own_server.url) as client:
        wait_for(lambda: count_results(client) > 60)
    own_server.kill()
    out, err = process.communicate(timeout=60)
    summary = json.loads(out)
    assert process.returncode == 3, err
    assert 40 <= summary["tests"] < 500
    assert summary["tests"] + summary["spooled"] == 500
    own_server.start()
    process = start_cli("upload", "--resume", "--json", url=own_server.url)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    with Client(own_server.url) as client:
        assert_whole(client, run_of(summary["url"]), path, 500, 1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_spool_finishes_an_upload_that_was_killed(start_cli, run_cli, client, make_report, spool, number):
    path = make_report(tests=80, screenshots=1)
    before = count_results(client)
    process = start_cli("upload", path, "--no-png")
    wait_for(lambda: count_results(client) > before + 10)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    if number != signal.SIGKILL:
        assert process.returncode == 3
        assert "/runs/" in out
    (run,) = [folder.name for folder in spool.iterdir()]
    assert count_results(client) < before + 80
    code, _, err = run_cli("upload", "--resume")
    assert code == 0, err
    assert_whole(client, run, path, 80, 1)
    assert list(spool.iterdir()) == []


def test_an_upload_that_was_killed_while_it_read_is_read_to_the_end_later(start_cli, run_cli, client, make_report, spool):
    path = make_report(tests=10, screenshots=1)
    items = json.loads(path.read_text())
    items[5]["pause"] = 30
    path.write_text(json.dumps(items))
    process = start_cli("upload", path, "--no-png")
    wait_for(lambda: any(len(file.read_text().splitlines()) == 5 for file in spool.glob("*/done")))
    process.kill()
    process.communicate()
    (run,) = [folder.name for folder in spool.iterdir()]
    items[5]["pause"] = 0
    path.write_text(json.dumps(items))
    assert run_cli("upload", "--resume")[0] == 0
    assert_whole(client, run, path, 10, 1)


def test_a_run_that_is_being_uploaded_is_left_alone_by_resume(start_cli, run_cli, make_report, spool):
    path = make_report(tests=2)
    items = json.loads(path.read_text())
    items[1]["pause"] = 30
    path.write_text(json.dumps(items))
    start_cli("upload", path)
    wait_for(lambda: list(spool.glob("*/run.json")))
    code, _, err = run_cli("upload", "--resume")
    assert (code, err) == (0, "the spool is empty\n")
    assert list(spool.glob("*/run.json"))


def test_a_damaged_spool_is_named_and_the_rest_is_sent(run_cli, client, make_report, spool):
    away = f"http://127.0.0.1:{free_port()}"
    code, out, _ = run_cli("upload", make_report(tests=2), "--retries", "0", url=away)
    assert code == 3
    (folder,) = spool.iterdir()
    damaged = folder / "tests" / "00000000-0000-0000-0000-000000000000"
    damaged.mkdir()
    (damaged / "test.json").write_text("{")
    (spool / "rubbish").mkdir()
    (spool / "rubbish" / "run.json").write_text("[]")
    code, _, err = run_cli("upload", "--resume")
    assert code == 3
    assert "rubbish is no spooled run" in err
    assert str(damaged) in err
    assert len(list(client.list_results(test_run_id=run_of(out)))) == 2


def test_bytes_arrive_as_they_are_when_they_are_many(run_cli, client, make_report):
    files = {f"{number}.txt": bytes([97 + number]) * 6_000_000 for number in range(9)}
    item = {"key": "k", "name": "large", "files": files, "attachments": [{"name": name, "path": name} for name in files]}
    code, out, err = run_cli("upload", make_report(tests=0, more=[item]))
    assert code == 0, err
    (result,) = client.list_results(test_run_id=run_of(out))
    sums = {item["file_name"]: client.get_artifact(item["id"])["checksum"] for item in client.list_artifacts(result["id"])}
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def count_results(client):
    return client._get("/test-case-results", {"per_page": 1})["total"]


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
