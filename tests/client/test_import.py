"""What importing the client costs, and what it brings along."""

import subprocess
import sys

import pytest


def modules_after(statement):
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("module", ["artifactsvc.client", "artifactsvc.client.jobs", "artifactsvc.client.watching", "artifactsvc.cli"])
def test_the_server_is_not_imported(module):
    modules = modules_after(f"import {module}")
    assert modules & {"pyramid", "sqlalchemy", "colander", "webob", "waitress", "orjson", "artifactsvc.settings", "artifactsvc.models"} == set()
    assert modules & {"httpx", "rich", "oxipng"} == set()  # they come with the first use


def test_importing_takes_less_than_150_ms():
    code = "import time; start = time.perf_counter(); import artifactsvc.client; print(time.perf_counter() - start)"
    times = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(5)]
    assert min(times) < 0.150
