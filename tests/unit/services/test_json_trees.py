"""JSON for looking at: as it was written, within limits."""

import io

import pytest

from artifactsvc.services import json_trees
from artifactsvc.services.json_trees import Literal, Members, read_json


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_json(io.BytesIO(data), len(data))


def test_value_is_as_it_was_written():
    found = read('\ufeff{"a": 12345678901234567890123, "a": 1.10, "b": [true, null, -0, 1e999]}')
    assert type(found) is Members
    assert found.items == [("a", "12345678901234567890123"), ("a", "1.10"), ("b", [True, None, "-0", "1e999"])]
    assert type(found.items[0][1]) is Literal
    assert read('"<b>"') == "<b>"


@pytest.mark.parametrize("data", [b"{", b"", b"\x80", b"[" * 100_000, b"[" * 5000 + b"]" * 5000, b"[" * 65 + b"]" * 65])
def test_nothing_is_returned_when_it_is_damaged_or_too_deep(data):
    assert read(data) is None


def test_nothing_is_returned_when_it_is_too_much(monkeypatch):
    assert read("[" + "1," * 1000 + "1]") is not None
    monkeypatch.setattr(json_trees, "VALUES", 1000)
    assert read("[" + "1," * 1000 + "1]") is None
    assert read("[" + "1," * 30_000 + "1]") is None
    monkeypatch.setattr(json_trees, "LARGEST", 10)
    assert read('"12345678901"') is None
