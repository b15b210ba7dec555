"""A live server for the client, and reports of a made-up kind for it to upload."""

import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from artifactsvc.cli import cli
from artifactsvc.client import Client
from tests.api import png
from tests.live import LiveServer, free_port

IMPORTER = Path(__file__).parent / "importer"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """No CI service, no server but the test's own; the made-up importer is installed."""
    for name in [name for name in os.environ if name.startswith(("ARTIFACTSVC_", "GITHUB_", "GITLAB_", "CI", "JENKINS_", "CIRCLE", "BUILD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARTIFACTSVC_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(IMPORTER), str(IMPORTER.parents[2])]))
    monkeypatch.syspath_prepend(str(IMPORTER))


def make_server(folder, template, **environ):
    shutil.copy(template, folder / "client.sqlite")
    environ = {"DATABASE_URL": f"sqlite:///{folder}/client.sqlite", "ARTIFACT_STORAGE_PATH": str(folder / "artifacts"), **environ}
    return LiveServer(free_port(), environ, folder / "server.log")


@pytest.fixture(scope="session")
def server(tmp_path_factory, sqlite_template):
    """One server for all tests that leave it alone."""
    server = make_server(tmp_path_factory.mktemp("client"), sqlite_template)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path, sqlite_template):
    """A server to kill and start again; it is not started yet."""
    server = make_server(tmp_path, sqlite_template)
    yield server
    if hasattr(server, "process"):
        server.stop()


@pytest.fixture
def client(server):
    with Client(server.url) as client:
        yield client


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def make_report(tmp_path):
    """Writes a report of so many tests, each with so many steps and a screenshot for each; returns its path."""

    def make(tests=3, screenshots=2, more=(), name="run"):
        folder = tmp_path / f"report-{name}"
        folder.mkdir()
        items = []
        for number in range(tests):
            files = []
            for step in range(1, screenshots + 1):
                file = f"{number}-{step}.png"
                (folder / file).write_bytes(png(width=40, noise=f"{number} {step}".encode()))
                files.append({"name": file, "path": file, "artifact_type": "screenshot", "step_number": step, "link_to_step": True})
            steps = [{"step_number": step, "step_type": "click", "action": f"Click {step}"} for step in range(1, screenshots + 1)]
            items.append({"key": f"t{number}", "name": f"test {number}", "full_name": f"a.b::test {number}", "steps": steps, "attachments": files})
        for extra in more:
            for file, data in extra.pop("files", {}).items():
                (folder / file).write_bytes(data)
            items.append(extra)
        path = folder / f"{name}.made-up.json"
        path.write_text(json.dumps(items))
        return path

    return make


@pytest.fixture
def run_cli(server):
    """Runs the command in this process: exit status, standard output, standard error."""

    def run(*args, url=None):
        result = CliRunner().invoke(cli, [str(arg) for arg in args], env={"ARTIFACTSVC_URL": url or server.url}, catch_exceptions=False)
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def start_cli(server):
    """Starts the command as a process of its own."""
    started = []

    def start(*args, url=None):
        command = [str(Path(sys.executable).parent / "artifactsvc"), *map(str, args)]
        environ = {**os.environ, "ARTIFACTSVC_URL": url or server.url}
        # as from a terminal, also where the tests run as a background job, which ignores Ctrl-C and hands that on
        listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
