"""The README's commands do what it says, against a live server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api import png

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_quick_start_works(live_server, tmp_path):
    (tmp_path / "screenshot.png").write_bytes(png())
    (tmp_path / "browser.log").write_text("12:00:01 GET /login 200\n")
    block = re.search(r"<!-- quick start.*?```bash\n(.*?)```", README, re.DOTALL)[1]
    block = block.replace("http://127.0.0.1:8000", live_server.url)
    curl = "curl" if shutil.which("curl") else f"{sys.executable} -m tests.curl"
    block = re.sub(r"^curl -s", f"echo; {curl} -s --fail-with-body", block, flags=re.MULTILINE)
    done = subprocess.run(["bash", "-euc", block], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, batch, report = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert batch["failed"] == []
    assert report["failed_steps"] == 1
    assert report["steps"][1]["screenshot"]["file_name"] == "screenshot.png"


@pytest.mark.parametrize("path", re.findall(r"\]\((docs/[^)#]*)\)", README))
def test_a_linked_page_exists(path):
    assert (ROOT / path).exists()
