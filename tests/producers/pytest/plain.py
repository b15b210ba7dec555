"""Tests for pytest's own JUnit XML: outcomes, properties, captured output, attachments in the form that Jenkins and GitLab read."""

import itertools
import sys
from pathlib import Path

import pytest
from picture import png

attempts = itertools.count(1)


@pytest.fixture
def evidence(request):
    return Path(request.config.getoption("--evidence"))


class TestLogin:
    def test_ok(self, evidence, record_property):
        record_property("requirement", "REQ-7")
        record_property("Browser", "Chromium „Grün“")
        (evidence / "login.png").write_bytes(png(1, 2, 3))
        print("signed in as Jürgen 登录")
        print(f"[[ATTACHMENT|{evidence / 'login.png'}]]")
        print("a warning", file=sys.stderr)

    def test_refused(self, evidence):
        (evidence / "pictures").mkdir()
        (evidence / "pictures" / "refused error.png").write_bytes(png(255, 0, 0))
        print("[[ATTACHMENT|pictures/refused error.png]]")
        print("[[ATTACHMENT|pictures/lost.png]]")
        assert "refused" == "paid", "Karte abgelehnt: \x1b[31mrot\x1b[0m <&>"


@pytest.mark.skip(reason="no printer here")
def test_print():
    pass


@pytest.mark.xfail(reason="known: BUG-12", strict=False)
def test_known_fault():
    assert 1 == 2


@pytest.mark.flaky(reruns=2)
def test_flaky():
    assert next(attempts) == 2


@pytest.mark.parametrize("currency", ["EUR", "Kč"])
def test_currency(currency):
    assert currency


@pytest.fixture
def broken():
    raise RuntimeError("no database")


def test_set_up_breaks(broken):
    pass
