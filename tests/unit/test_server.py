"""What the server does once, before it serves."""

import resource
import subprocess
import sys

import pytest

from artifactsvc.server import raise_file_limit, require_loopback


@pytest.mark.parametrize(
    ("limits", "expected"), [((1024, 4096), (4096, 4096)), ((1024, 10**6), (65536, 10**6)), ((1024, -1), (65536, -1)), ((70000, 10**6), None), ((-1, -1), None)]
)
def test_file_limit_is_raised_when_it_is_low(monkeypatch, limits, expected):
    calls = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda kind, value: calls.append(value))
    raise_file_limit()
    assert calls == ([expected] if expected else [])


@pytest.mark.parametrize("options", [{"host": "127.0.0.1"}, {"host": "::1"}, {"host": "localhost"}, {"listen": "127.0.0.1:80 [::1]:80"}, {"unix_socket": "/x"}])
def test_a_server_without_login_listens_on_loopback(options):
    require_loopback(options)


@pytest.mark.parametrize("options", [{}, {"host": "0.0.0.0"}, {"host": "192.0.2.1"}, {"host": "::"}, {"host": "example.com"}, {"listen": "127.0.0.1:80 *:80"}])
def test_a_server_without_login_refuses_to_listen_elsewhere(options):
    with pytest.raises(SystemExit, match=r"auth\.required = false"):
        require_loopback(options)


KEEPING = """
import resource, sys
from artifactsvc.server import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(200):
    pieces = [bytearray(200_000) for _ in range(10)]
    pieces.clear()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_memory_that_was_freed_is_used_again():
    """Two megabytes, two hundred times: the kernel clears 500 pages, instead of the same 500 again and again."""
    keeping, returning = (int(subprocess.run([sys.executable, "-c", KEEPING, arg], capture_output=True, check=True).stdout) for arg in ("keep", "return"))
    assert keeping < returning / 20
