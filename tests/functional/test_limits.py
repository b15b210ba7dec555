"""`/limits`: what a client may send."""

from importlib.metadata import version

import pytest

from tests.accounts import AUTH
from tests.api import BASE, assert_detail


def test_the_limits_are_those_of_the_settings(testapp):
    limits = testapp.get(f"{BASE}/limits").json
    assert limits["version"] == version("artifactsvc")
    assert limits["max_file_size"] == 10 * 2**20
    assert (limits["batch_max_files"], limits["max_steps"], limits["max_json_size"], limits["max_field_size"]) == (50, 10_000, 10 * 2**20, 2**20)
    assert "image/png" in limits["allowed_types"]
    assert len(limits["step_types"]) == 16


@pytest.mark.ini(**{"artifact.max_file_size": "3KB", "artifact.allowed_types": "text/plain", "artifactsvc.step_types": "click swipe"})
def test_the_limits_change_with_the_settings(testapp):
    limits = testapp.get(f"{BASE}/limits").json
    assert (limits["max_file_size"], limits["allowed_types"], limits["step_types"]) == (3072, ["text/plain"], ["click", "swipe"])


@pytest.mark.ini(**AUTH)
def test_the_limits_are_not_told_to_strangers(testapp):
    assert_detail(testapp.get(f"{BASE}/limits", expect_errors=True), 401)


def test_the_limits_are_for_reading(testapp):
    assert testapp.post(f"{BASE}/limits", expect_errors=True).headers["Allow"] == "GET, HEAD"
