"""The pytest plugin: what of a real pytest run is on the server, and that the run itself stays as it is."""

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from artifactsvc.client.runs import run_id_of
from tests.api import png
from tests.client.proxy import Proxy
from tests.client.test_trouble import count_results, wait_for
from tests.live import free_port

SUITE = """
import logging, sys
import pytest

@pytest.fixture
def shop():
    print("opening the shop")
    yield
    print("closing the shop")

@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_ok(shop, browser):
    print("said", browser)
    print("complained", file=sys.stderr)
    logging.getLogger("shop").warning("logged %s", browser)

def test_fails(shop):
    wanted = 41
    assert wanted == 42, "not the answer"

def test_skipped():
    pytest.skip("no browser")

@pytest.fixture
def broken():
    raise RuntimeError("no database")

def test_setup_fails(broken): ...

@pytest.fixture
def leaky():
    yield
    raise OSError("cannot close")

def test_teardown_fails(leaky): ...

@pytest.mark.xfail
def test_expected_to_fail():
    assert False
"""
OUTCOME = "1 failed, 3 passed, 1 skipped, 1 xfailed, 2 errors"


@pytest.fixture
def run_pytest(tmp_path, server, monkeypatch):
    """Runs a suite in a process of its own: the process, with its output, and the run's id or None."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)

    def run(suite, *args, url=None, plugin=True):
        (folder / "test_shop.py").write_text(suite)
        options = ["--artifactsvc", url or server.url] if plugin else []
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, *args]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        match = re.search(r"artifactsvc: .*/runs/([0-9a-f-]{36})", done.stdout)
        return done, match and match[1]

    return run


def results_of(client, run):
    return {result["name"]: result for result in client.list_results(test_run_id=run)}


def test_every_test_is_stored_as_it_went(run_pytest, client):
    done, run = run_pytest(SUITE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "7 tests stored" in done.stdout
    assert client.get_run(run)["status"] == "Failed"
    results = results_of(client, run)
    assert {name: result["status"] for name, result in results.items()} == {
        "test_ok[chrome]": "Passed",
        "test_ok[firefox]": "Passed",
        "test_fails": "Failed",
        "test_skipped": "Skipped",
        "test_setup_fails": "Failed",
        "test_teardown_fails": "Failed",
        "test_expected_to_fail": "Skipped",
    }
    failed = results["test_fails"]
    assert (failed["full_name"], failed["suite"], failed["error_type"]) == ("test_shop.py::test_fails", "test_shop.py", "AssertionError")
    assert "not the answer" in failed["error_message"]
    steps = client.get_steps(failed["id"])["steps"]
    assert [(step["action"], step["status"]) for step in steps] == [("Set up", "Passed"), ("Call", "Failed"), ("Tear down", "Passed")]
    assert "wanted = 41" in steps[1]["stack_trace"]
    assert steps[0]["started_at"] <= steps[1]["started_at"] <= steps[2]["started_at"]
    assert [step["error_type"] for step in client.get_steps(results["test_setup_fails"]["id"])["steps"]] == ["RuntimeError", None]
    assert [step["error_message"] for step in client.get_steps(results["test_teardown_fails"]["id"])["steps"]] == [None, None, "cannot close"]


def test_parameters_and_captured_output_are_kept(run_pytest, client):
    _, run = run_pytest(SUITE, "-k", "test_ok")
    steps = client.get_steps(results_of(client, run)["test_ok[firefox]"]["id"])["steps"]
    assert steps[0]["input_value"] == "browser='firefox'"
    kept = {item["file_name"]: (step["action"], b"".join(client.read_artifact(item["id"])).decode()) for step in steps for item in step["artifacts"]}
    assert kept["captured-stdout-setup.txt"] == ("Set up", "opening the shop\n")
    assert kept["captured-stdout-call.txt"] == ("Call", "said firefox\n")
    assert kept["captured-stderr-call.txt"] == ("Call", "complained\n")
    assert kept["captured-stdout-teardown.txt"] == ("Tear down", "closing the shop\n")
    assert "logged firefox" in kept["captured-log-call.txt"][1]


STEPS = """
import base64, pytest
IMAGE = base64.b64decode("%s")

@pytest.fixture
def logged_in(report):
    with report.step("Log in"):
        yield

def test_login(report, logged_in, tmp_path):
    with report.step("Fill in the form", description="by hand"):
        with report.step("Type the name", type="type", selector="#name", element="Name", element_type="input", value="Ann") as step:
            step.screenshot(IMAGE)
        report.attach("a note", "note.txt", "log")
    with report.step("Click Login Button", type="click", selector="button[type='submit']", expected="logged in") as step:
        step.fields.actual_value = "error"
        file = tmp_path / "page.html"
        file.write_text("<p>hello</p>")
        step.attach(file)
        raise ValueError("no button")
"""


def test_steps_of_the_report_fixture_are_kept_with_their_files(run_pytest, client):
    _, run = run_pytest(STEPS % __import__("base64").b64encode(png()).decode())
    result = results_of(client, run)["test_login"]
    steps = client.get_steps(result["id"])["steps"]
    assert [(step["action"], step["status"]) for step in steps] == [
        ("Set up", "Passed"),
        ("Log in", "Passed"),
        ("Call", "Failed"),
        ("Fill in the form", "Passed"),
        ("Type the name", "Passed"),
        ("Click Login Button", "Failed"),
        ("Tear down", "Passed"),
    ]
    typed, clicked = steps[4], steps[5]
    assert (typed["step_type"], typed["element_selector"], typed["element_name"], typed["element_type"], typed["input_value"]) == (
        "type", "#name", "Name", "input", "Ann",
    )  # fmt: skip
    assert typed["description"] == "Depth 1, in: Fill in the form"
    assert typed["screenshot"]["file_name"] == "step_005.png"
    assert (clicked["error_type"], clicked["error_message"]) == ("ValueError", "no button")
    assert (clicked["expected_value"], clicked["actual_value"]) == ("logged in", "error")
    assert [item["file_name"] for item in clicked["artifacts"]] == ["page.html"]
    assert [item["file_name"] for item in steps[3]["artifacts"]] == ["note.txt"]


@pytest.mark.parametrize("plugin", [True, False])
def test_the_report_fixture_works_without_a_server_to_send_to(run_pytest, plugin):
    suite = "def test_a(report):\n    with report.step('x') as step:\n        step.screenshot(b'x')\n    report.attach('t')\n"
    done, run = run_pytest(suite, plugin=plugin)
    assert done.returncode == 0, done.stdout
    assert (run is not None) == plugin


BROWSERS = """
import base64, pytest
IMAGE = base64.b64decode("%s")

def shoot(self, **kw):
    return IMAGE

Driver = type("WebDriver", (), {"__module__": "selenium.webdriver.remote.webdriver", "get_screenshot_as_png": shoot})
Page = type("Page", (), {"__module__": "playwright.sync_api._generated", "screenshot": shoot})

def gone(self, **kw):
    raise RuntimeError("browser has been closed")

Gone = type("Page", (), {"__module__": "playwright.sync_api._generated", "screenshot": gone})

@pytest.fixture
def driver():
    return Driver()

@pytest.fixture
def page():
    return Page()

@pytest.fixture
def closed():
    return Gone()

def test_selenium(driver, report):
    with report.step("Click", type="click"):
        assert False

def test_playwright(page, closed):
    assert False

def test_fine(page): ...
"""


def test_a_failure_has_a_screenshot_when_a_browser_is_among_the_fixtures(run_pytest, client):
    done, run = run_pytest(BROWSERS % __import__("base64").b64encode(png()).decode())
    assert "2 failed, 1 passed" in done.stdout
    results = results_of(client, run)
    shots = {name: [(a["file_name"], a["artifact_category"]) for a in client.list_artifacts(result["id"])] for name, result in results.items()}
    assert shots == {"test_selenium": [("driver-failure.png", "error")], "test_playwright": [("page-failure.png", "error")], "test_fine": []}
    steps = client.get_steps(results["test_selenium"]["id"])["steps"]
    assert {step["action"]: bool(step["screenshot"]) for step in steps} == {"Set up": False, "Call": False, "Click": True, "Tear down": False}


def test_all_workers_of_xdist_send_into_one_run(run_pytest, client):
    suite = "import pytest, os\n@pytest.mark.parametrize('n', range(30))\ndef test_n(n):\n    print(os.getpid())\n    assert n != 7\n"
    done, run = run_pytest(suite, "-n", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "30 tests stored" in done.stdout
    results = list(client.list_results(test_run_id=run))
    assert Counter(result["name"] for result in results) == Counter(f"test_n[{n}]" for n in range(30))
    assert {result["status"] for result in results if result["name"] == "test_n[7]"} == {"Failed"}
    assert client.get_run(run)["status"] == "Failed"


def test_a_test_that_takes_its_worker_with_it_is_kept(run_pytest, client):
    suite = "import os, time, pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_n(n):\n    if n == 3:\n        time.sleep(1)\n        os._exit(9)\n"
    done, run = run_pytest(suite, "-n", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    results = results_of(client, run)
    assert set(results) == {f"test_n[{n}]" for n in range(6)}
    assert (results["test_n[3]"]["status"], results["test_n[3]"]["error_type"]) == ("Failed", "Crash")


def test_each_attempt_of_a_flaky_test_is_a_result_of_its_own(run_pytest, client):
    suite = "tries = []\ndef test_flaky(report):\n    with report.step('try'):\n        tries.append(1)\n        assert len(tries) == 3\n"
    done, run = run_pytest(suite, "--reruns", "3")
    assert done.returncode == 0, done.stdout
    results = list(client.list_results(test_run_id=run))
    assert [(item["full_name"], item["status"]) for item in results[::-1]] == [
        ("test_shop.py::test_flaky", "Failed"),
        ("test_shop.py::test_flaky", "Failed"),
        ("test_shop.py::test_flaky", "Passed"),
    ]
    assert [len(client.get_steps(item["id"])["steps"]) for item in results] == [4, 4, 4]


def test_the_suite_of_these_tests_ends_as_it_does_without_the_plugin(run_pytest):
    plain, _ = run_pytest(SUITE, "-p", "no:artifactsvc", plugin=False)
    assert plain.returncode == 1
    assert outcome_line(plain.stdout) == OUTCOME


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_nothing_changes_for_the_tests_when_the_server_is_away(run_pytest, run_cli, client, workers):
    away, run = run_pytest(SUITE, *workers, url=f"http://127.0.0.1:{free_port()}")
    assert away.returncode == 1
    assert outcome_line(away.stdout) == OUTCOME
    assert "7 tests in the spool" in away.stdout
    assert run is None
    code, out, err = run_cli("upload", "--resume")
    assert code == 0, err
    results = results_of(client, out.strip().rpartition("/")[2])
    assert len(results) == 7
    assert "wanted = 41" in client.get_steps(results["test_fails"]["id"])["steps"][1]["stack_trace"]


def outcome_line(output):
    return re.sub(r" in [0-9.]+s", "", output.strip().splitlines()[-1]).strip("= ")


def test_each_test_is_sent_while_the_next_one_runs(run_pytest, client, tmp_path, server):
    marker = tmp_path / "go"
    suite = f"import time, pathlib\ndef test_a(): ...\ndef test_b():\n    while not pathlib.Path({str(marker)!r}).exists():\n        time.sleep(0.05)\n"
    import threading

    before = count_results(client)
    thread = threading.Thread(target=run_pytest, args=(suite,))
    thread.start()
    try:
        wait_for(lambda: count_results(client) == before + 1)
    finally:
        marker.touch()
        thread.join()
    assert count_results(client) == before + 2


def test_a_killed_session_leaves_its_tests_in_the_spool(run_pytest, run_cli, client, spool):
    suite = f"""
import os, pathlib, time, pytest
@pytest.mark.parametrize("n", range(5))
def test_n(n):
    print("x")
    while n == 4:
        time.sleep(0.05)
        if len(list(pathlib.Path({str(spool)!r}).glob("*/tests/[0-9a-f]*"))) == 4:
            os.kill(os.getpid(), 9)
"""
    away = f"http://127.0.0.1:{free_port()}"
    done, _ = run_pytest(suite, url=away)
    assert done.returncode == -9
    code, out, err = run_cli("upload", "--resume")
    assert code == 0, err
    assert set(results_of(client, out.strip().rpartition("/")[2])) == {f"test_n[{n}]" for n in range(4)}


def test_what_the_server_refuses_is_named_and_kept(run_pytest, client, spool):
    suite = "def test_a(report):\n    report.attach(b'video', 'clip.webm', 'video')\n    report.attach(b'not a png', 'b.png', 'screenshot')\n"
    done, run = run_pytest(suite)
    assert done.returncode == 0
    assert "refused: clip.webm of test_a: the server takes no" in done.stdout
    assert "refused: b.png of test_a: " in done.stdout
    result = results_of(client, run)["test_a"]["id"]
    assert sorted(path.name for path in (spool / "refused" / run / result).iterdir()) == ["b.png", "clip.webm"]


def test_a_file_is_kept_as_it_was_when_it_was_attached(run_pytest, client):
    suite = (
        "def test_a(report, tmp_path):\n    file = tmp_path / 'a.txt'\n    file.write_text('first')\n    report.attach(file)\n"
        "    file.write_text('second')\n    report.attach(file, 'b.txt')\n    file.unlink()\n    report.attach(file, 'gone.txt')\n"
    )
    done, run = run_pytest(suite)
    kept = {item["file_name"]: b"".join(client.read_artifact(item["id"])) for item in client.list_artifacts(results_of(client, run)["test_a"]["id"])}
    assert kept == {"a.txt": b"first", "b.txt": b"second"}
    assert "skipped: gone.txt of test_a: there is no file" in done.stdout


def test_the_ini_file_names_the_server_as_well(run_pytest, server, tmp_path):
    (tmp_path / "suite" / "pytest.ini").write_text(f"[pytest]\nartifactsvc = {server.url}\nartifactsvc_name = nightly\n")
    done, run = run_pytest("def test_a(): ...", plugin=False)
    assert run, done.stdout


def test_nothing_is_sent_when_nothing_was_tested(run_pytest, client, spool):
    before = next(iter(client.list_runs()), None)
    done, run = run_pytest(SUITE, "--collect-only")
    assert (done.returncode, run) == (0, None)
    assert next(iter(client.list_runs()), None) == before
    assert list(spool.glob("*")) == []


TIMED = """
import time
from artifactsvc.client.pytest_session import Session

spent = {}

def timed(plain):
    def method(self, item, *args):
        start, cpu = time.perf_counter(), time.thread_time()
        try:
            return plain(self, item, *args)
        finally:
            before = spent.get(item.nodeid, (0, 0))
            spent[item.nodeid] = (before[0] + time.perf_counter() - start, before[1] + time.thread_time() - cpu)
    return method

for name in ("begin", "begin_phase", "end_phase"):
    setattr(Session, name, timed(getattr(Session, name)))

def pytest_unconfigure():
    print("SPENT", len(spent), *sorted(both[0] for both in spent.values()))
    print("CPU", *sorted(both[1] for both in spent.values()))
"""


@pytest.mark.parametrize("is_away", [False, True])
def test_a_test_costs_less_than_20_ms_of_its_own_thread(run_pytest, tmp_path, server, is_away):
    (tmp_path / "suite" / "conftest.py").write_text(TIMED)
    suite = """
import pytest
@pytest.mark.parametrize("n", range(30))
def test_n(n, report):
    print("line\\n" * 2000)
    for _ in range(5):
        with report.step("s") as step:
            step.attach(b"x" * 100_000, "a.txt", "log", media_type="text/plain")
    assert n % 10
"""
    done, _ = run_pytest(suite, url=f"http://127.0.0.1:{free_port()}" if is_away else server.url)
    count, *spent = re.search(r"SPENT (.*)", done.stdout)[1].split()
    assert int(count) == 30
    assert float(spent[15]) < 0.020  # half of them: the others may have waited for a busy machine
    assert float(re.search(r"CPU (.*)", done.stdout)[1].split()[-1]) < 0.020


def test_loading_the_plugin_brings_no_more_than_it_needs():
    code = "import sys, pytest\nimport artifactsvc.client.pytest_plugin\nprint(' '.join(sys.modules))"
    modules = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert modules & {"httpx", "rich", "oxipng", "pyramid", "sqlalchemy", "artifactsvc.client.pytest_session"} == set()


SUBTESTS = """
import unittest

def test_cart(subtests):
    for size in range(3):
        with subtests.test("cart", size=size):
            print("size", size)
            assert size != 1

class TestShop(unittest.TestCase):
    def test_doors(self):
        for door in "ab":
            with self.subTest(door=door):
                self.assertNotEqual(door, "a")

def test_good(subtests):
    with subtests.test():
        pass
"""


def test_a_test_with_a_failed_subtest_has_failed(run_pytest, client):
    done, run = run_pytest(SUBTESTS)
    assert done.returncode == 1
    results = {item["name"]: item for item in client.list_results(test_run_id=run)}
    assert {name: item["status"] for name, item in results.items()} == {"test_cart": "Failed", "test_doors": "Failed", "test_good": "Passed"}
    assert results["test_cart"]["error_message"] == "1 subtest failed"
    steps = client.get_steps(results["test_cart"]["id"])["steps"]
    assert [(step["action"], step["status"]) for step in steps] == [
        ("Set up", "Passed"),
        ("Call", "Failed"),
        ("Subtest cart (size=0)", "Passed"),
        ("Subtest cart (size=1)", "Failed"),
        ("Subtest cart (size=2)", "Passed"),
        ("Tear down", "Passed"),
    ]
    assert "assert 1 != 1" in steps[3]["error_message"]
    assert "assert size != 1" in steps[3]["stack_trace"]
    assert [file["file_name"] for file in steps[3]["artifacts"]] == ["captured-stdout-call.txt"]


@pytest.mark.parametrize("server_is_there", [True, False])
def test_a_second_session_of_a_named_run_is_kept_beside_the_first(run_pytest, run_cli, client, server_is_there):
    """`pytest --lf`, or the build's job started again: each execution is evidence."""
    suite = "def test_it():\n    assert {}"
    words = f"pipeline {server_is_there}"
    for outcome in (False, True):
        done, _ = run_pytest(suite.format(outcome), "--artifactsvc-run", words, url=None if server_is_there else f"http://127.0.0.1:{free_port()}")
        assert done.returncode == (0 if outcome else 1)
        assert "refused:" not in done.stdout
    if not server_is_there:
        assert run_cli("upload", "--resume")[0] == 0
    assert sorted(item["status"] for item in client.list_results(test_run_id=run_id_of(words))) == ["Failed", "Passed"]


def test_a_server_that_does_not_answer_at_the_end_does_not_hold_pytest(run_pytest, run_cli, client, server):
    released = threading.Event()

    def misbehave(number, method, path):
        if method == "PATCH":  # the run's end
            released.wait(40)

    proxy = Proxy(server.port, misbehave)
    started = time.monotonic()
    try:
        done, run = run_pytest("def test_it(): pass", "-o", "artifactsvc_wait=2", url=proxy.url)
        assert time.monotonic() - started < 20
        assert "the server was not told how the run ended" in done.stdout
    finally:
        released.set()
        proxy.stop()
    assert done.returncode == 0
    assert [item["name"] for item in client.list_results(test_run_id=run)] == ["test_it"]
    assert run_cli("upload", "--resume")[0] == 0
    assert client.get_run(run)["status"] == "Passed"
