"""`artifactsvc watch`: results arrive while the tests still run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.test_trouble import count_results, wait_for
from tests.client.test_upload import run_of


@pytest.fixture
def allure(monkeypatch, tmp_path):
    """The made-up importer under the name `allure`; its entry point is found by every process of the test."""
    folder = tmp_path / "importers" / "artifactsvc_watch-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: artifactsvc-watch\nVersion: 1\n")
    (folder / "entry_points.txt").write_text("[artifactsvc.importers]\nallure = made_up_report:MadeUp\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder.parent), os.environ["PYTHONPATH"]]))
    return tmp_path / "allure-results"


def write(folder, number):
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}-result.json"
    path.write_text(json.dumps([{"key": f"k{number}", "name": f"test {number}"}]))


def test_each_result_is_uploaded_while_the_run_goes_on(start_cli, client, server, allure):
    before = count_results(client)
    process = start_cli("watch", allure, "--every", "0.1")
    write(allure, 1)  # the folder came after the watch
    wait_for(lambda: count_results(client) == before + 1)
    assert process.poll() is None
    write(allure, 2)
    (allure / "3-result.json").write_text('[{"key": "k3"')  # half written
    wait_for(lambda: count_results(client) == before + 2)
    write(allure, 3)
    wait_for(lambda: count_results(client) == before + 3)
    write(allure, 4)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert {item["name"] for item in client.list_results(test_run_id=run_of(out))} == {f"test {n}" for n in range(1, 5)}
    assert client.get_run(run_of(out))["status"] == "Passed"


def test_a_script_in_ci_ends_it_as_the_docs_say(client, server, allure):
    """A shell that is not interactive starts a job in the background with SIGINT ignored."""
    write(allure, 1)
    script = f"{Path(sys.executable).parent}/artifactsvc watch {allure} & watcher=$!; sleep 3; kill $watcher; wait $watcher"
    environ = {**os.environ, "ARTIFACTSVC_URL": server.url}
    with subprocess.Popen(["sh", "-c", script], env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            out, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0
    assert [item["name"] for item in client.list_results(test_run_id=run_of(out))] == ["test 1"]


def test_it_ends_by_itself_when_nothing_new_comes(start_cli, client, allure):
    write(allure, 1)
    (allure / "bad-result.json").write_text("{")
    process = start_cli("watch", allure, "--every", "0.1", "--idle", "1.5", "--json")
    out, err = process.communicate(timeout=20)
    summary = json.loads(out)
    assert process.returncode == 4, err
    assert summary["tests"] == 1
    assert [item["what"] for item in summary["refused"]] == ["bad-result.json"]
