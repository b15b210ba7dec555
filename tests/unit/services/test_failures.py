"""Causes: what differs from test to test does not tell failures apart, the rest does."""

from types import SimpleNamespace

import pytest

from artifactsvc.services.failures import group_by_cause, pattern


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timeout after 3000 ms", "timeout after 12,500.5 ms"),
        ("no user 01a20571-aa29-70ac-ada8-c720de55a146", "no user 0FFFFFFF-aa29-70ac-ada8-c720de55a147"),
        ('expected "Anna" to be here', 'expected "Berta \\"B\\"" to be here'),
        ("cannot open /tmp/a/b.txt now", "cannot open C:\\x\\y\\z.txt now"),
        ("GET https://a.example/x?y=1 failed", "GET http://b.example:8080/ failed"),
        ("object at 0x7fbb073127d0", "object at 0x1"),
        ("commit 9f31c2e77 is bad", "commit 1c0ffee42ab is bad"),
        ("a\n\n  b", "a b"),
        ("got 1, 2, 3", "got 7"),
    ],
)
def test_values_do_not_tell_failures_apart(one, other):
    assert pattern(one) == pattern(other)


@pytest.mark.parametrize(("one", "other"), [("timeout", "refused"), ("timeout after 3 ms", "timeout before 3 ms"), ("", "x"), ("facade", "decade")])
def test_words_do(one, other):
    assert pattern(one) != pattern(other)


def test_groups_come_with_the_largest_first_and_hold_failures_only():
    def result(status, error_type, message):
        return SimpleNamespace(status=status, error_type=error_type, error_message=message)

    results = [
        result("Failed", "A", "x 1"), result("Failed", "B", "x 1"), result("Passed", "B", "x 2"), result("Failed", "B", "x 22"), result("Failed", None, None),
    ]  # fmt: skip
    causes = group_by_cause(results)
    assert [(cause.error_type, cause.message, len(cause.results)) for cause in causes] == [("B", "x 1", 2), ("A", "x 1", 1), ("", "", 1)]


def test_a_hostile_message_is_grouped_quickly():
    assert len(pattern('"' * 100_000 + "/a" * 100_000)) <= 500
