"""`make demo` and the command of the empty server do what they say, on a real server."""

import html
import json
import re
import subprocess
import sys
import urllib.request

import pytest

from tests.live import ROOT


def get(server, path):
    with urllib.request.urlopen(server.url + path, timeout=30) as answer:
        return answer.read().decode()


def test_the_demo_fills_a_server(live_server):
    done = subprocess.run([sys.executable, "demo/fill.py", "--url", live_server.url], cwd=ROOT, text=True, capture_output=True, check=True, timeout=120)
    assert "122 results" in done.stdout
    assert "not taken: test.webm" in done.stderr  # this server does not list video/webm
    results = json.loads(get(live_server, "/api/v1/reports/test-case-results?per_page=500"))["items"]
    assert len(results) == 122
    assert len({result["full_name"].partition("[")[0] for result in results}) == 15
    runs = re.findall(r'href="(/runs/[^"]+)"', get(live_server, "/"))
    assert len(runs) == 6
    assert get(live_server, runs[0]).count('<b class="num count">') == 3  # causes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_of_the_empty_server_sends_a_report(live_server):
    command = html.unescape(re.search(r'<pre id="first-report">(.*?)</pre>', get(live_server, "/"), re.DOTALL)[1])
    subprocess.run(["bash", "-euc", "curl() { " + sys.executable + ' -m tests.curl "$@"; }\n' + command], cwd=ROOT, check=True, timeout=60)
    assert "test_login" in get(live_server, "/results")
