"""Ids: one spelling in a URL, in order of time."""

import re

import pytest

from artifactsvc.identifiers import new_id, parse_id

ID = "0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def test_new_ids_are_in_order_when_made_one_after_the_other():
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in ids)


@pytest.mark.parametrize("text", [ID, ID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_id_is_in_lower_case_when_canonical(text):
    assert parse_id(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ID[:-1],
        ID + "0",
        ID + "\n",
        " " + ID,
        "{" + ID + "}",
        "urn:uuid:" + ID,
        ID.replace("-", ""),
        ID.replace("0199", "+199"),
        ID.replace("9a", "_a"),
        ID.replace("0", "０"),
        ID.replace("0", "٠"),
        ID.replace("a", "ſ"),
    ],
)
def test_id_is_none_when_spelled_any_other_way(text):
    assert parse_id(text) is None
