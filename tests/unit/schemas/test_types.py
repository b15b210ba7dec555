"""The types of the schemas: nothing is converted that the client did not say."""

from datetime import UTC, datetime

import colander
import pytest
from colander import Invalid, SchemaNode

from artifactsvc.schemas.types import Boolean, FormBoolean, FormInteger, Id, Integer, Mapping, OneOf, Sequence, Text, Timestamp

UUID = "0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def read(typ, value):
    return typ.deserialize(SchemaNode(typ), value)


@pytest.mark.parametrize(
    ("typ", "value"),
    [
        (Text(), 1), (Text(), b"x"), (Text(), []), (Text(), "a\0"), (Text(), "\ud800"), (Text(3), "abcd"), (Text(3), "äöüß"), (Text(shortest=1), ""),
        (OneOf("a", "b"), "A"), (OneOf("a", "b"), "a "), (OneOf("a", "b"), ""), (OneOf("a"), 1), (OneOf("a"), ["a"]),
        (Integer(), True), (Integer(), 1.0), (Integer(), "1"), (Integer(), -1), (Integer(1), 0), (Integer(), 2**31), (Integer(), 10**400),
        (Integer(), float("nan")),
        (Boolean(), 1), (Boolean(), "true"), (Boolean(), 0.0),
        (FormInteger(), ""), (FormInteger(), "01"), (FormInteger(), "+1"), (FormInteger(), "-1"), (FormInteger(), "1.0"), (FormInteger(), "1e3"),
        (FormInteger(), " 1"),
        (FormInteger(), "1_000"), (FormInteger(), "１"), (FormInteger(), "٣"), (FormInteger(), "1\n"), (FormInteger(), "2147483648"),
        (FormInteger(), "9" * 5000), (FormInteger(1), "0"),
        (FormBoolean(), "1"), (FormBoolean(), "yes"), (FormBoolean(), ""), (FormBoolean(), "true "),
        (Id(), UUID.replace("-", "")), (Id(), "{" + UUID + "}"), (Id(), "urn:uuid:" + UUID), (Id(), UUID + "\n"), (Id(), ""), (Id(), 7),
        (Id(), UUID.replace("0", "０")),
        (Mapping(), []), (Mapping(), None), (Mapping(), "{}"), (Mapping(), 1),
        (Sequence(), {}), (Sequence(), "ab"), (Sequence(), None),
    ],
)  # fmt: skip
def test_value_is_refused_when_it_is_not_exactly_of_the_type(typ, value):
    with pytest.raises(Invalid):
        read(typ, value)


@pytest.mark.parametrize(
    ("typ", "value", "expected"),
    [
        (Text(), " x\n", " x\n"), (Text(4), "äöüß", "äöüß"), (Text(1), "😀", "😀"), (Text(), "", ""),
        (OneOf("a", "b"), "b", "b"), (Integer(), 0, 0), (Integer(), 2147483647, 2147483647), (Integer(1), 1, 1),
        (Boolean(), False, False), (FormInteger(), "0", 0), (FormInteger(), "2147483647", 2147483647),
        (FormBoolean(), "true", True), (FormBoolean(), "False", False), (Id(), UUID.upper(), UUID),
    ],
)  # fmt: skip
def test_value_stays_as_it_is_when_it_fits(typ, value, expected):
    assert read(typ, value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-24T12:00:01.250Z", datetime(2026, 1, 24, 12, 0, 1, 250_000, UTC)),
        ("2026-01-24t12:00:01z", datetime(2026, 1, 24, 12, 0, 1, 0, UTC)),
        ("2026-01-24 12:00", datetime(2026, 1, 24, 12, 0, 0, 0, UTC)),
        ("2026-01-24T12:00:01", datetime(2026, 1, 24, 12, 0, 1, 0, UTC)),
        ("2026-01-24T12:00:00+14:00", datetime(2026, 1, 23, 22, 0, 0, 0, UTC)),
        ("2026-01-24T12:00:00-0330", datetime(2026, 1, 24, 15, 30, 0, 0, UTC)),
        ("2026-01-24T12:00:00+01", datetime(2026, 1, 24, 11, 0, 0, 0, UTC)),
        ("20260124T120000,5Z", datetime(2026, 1, 24, 12, 0, 0, 500_000, UTC)),
        ("2026-01-24T12:00:00.123456789Z", datetime(2026, 1, 24, 12, 0, 0, 123_456, UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, 0, 0, 0, 0, UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, 0, 0, 0, 0, UTC)),
    ],
)
def test_timestamp_is_in_utc_when_it_is_iso_8601(text, expected):
    moment = read(Timestamp(), text)
    assert moment == expected
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-01-24", "2026-W04-6T12:00", "2026-024T12:00", "2026-01-24x12:00", "2026-01-24T12", "2026-13-01T00:00", "2026-02-29T00:00",
        "2026-01-24T24:00:00",
        "20260124T2400", "2026-01-24T12:60", "2016-12-31T23:59:60Z", "2026-01-24T12:00:00+24:00", "2026-01-24T12:00:00 Z", " 2026-01-24T12:00Z",
        "2026-01-24T12:00Z\n",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
        "２026-01-24T12:00Z", 1_700_000_000, True, 1.5,
    ],
)  # fmt: skip
def test_timestamp_is_refused_when_it_is_no_moment(text):
    with pytest.raises(Invalid):
        read(Timestamp(), text)


def mapping(partial=False):
    node = SchemaNode(Mapping(partial))
    node.add(SchemaNode(Text(), name="needed"))
    node.add(SchemaNode(Integer(), name="number", missing=7))
    node.add(SchemaNode(Id(), name="dropped", missing=colander.drop))
    return node


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"needed": "x"}, {"needed": "x", "number": 7}),
        ({"needed": "x", "number": None, "dropped": None, "unknown": object()}, {"needed": "x", "number": 7, "dropped": None}),
        ({"needed": "x", "number": 1, "dropped": UUID}, {"needed": "x", "number": 1, "dropped": UUID}),
    ],
)
def test_mapping_fills_in_what_is_absent_when_it_is_whole(value, expected):
    assert mapping().deserialize(value) == expected


@pytest.mark.parametrize(("value", "expected"), [({}, {}), ({"number": None}, {"number": 7}), ({"needed": "x"}, {"needed": "x"})])
def test_mapping_leaves_out_what_is_absent_when_it_is_partial(value, expected):
    assert mapping(partial=True).typ.deserialize(mapping(partial=True), value) == expected


@pytest.mark.parametrize("value", [{}, {"needed": None}, {"needed": 1, "number": "1"}])
def test_mapping_is_refused_when_a_member_is_wrong(value):
    node = mapping()
    with pytest.raises(Invalid):
        node.typ.deserialize(node, value)


@pytest.mark.parametrize("count", [0, 4])
def test_sequence_is_refused_when_it_is_too_short_or_too_long(count):
    node = SchemaNode(Sequence(1, 3), SchemaNode(Integer()))
    with pytest.raises(Invalid):
        node.typ.deserialize(node, [1] * count)
