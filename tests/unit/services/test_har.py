"""HTTP archives: what a browser writes is read, what it would never write does no harm."""

import io
import json

import pytest

from artifactsvc.services import har
from artifactsvc.services.har import details, read_har, select_entries


def entry(url="https://example.com/a?b=1", at="2026-01-24T12:00:00.000Z", status=200, **more):
    return {
        "startedDateTime": at,
        "time": 30,
        "request": {"method": "GET", "url": url, "httpVersion": "h2", "headers": [{"name": "accept", "value": "*/*"}]},
        "response": {"status": status, "statusText": "OK", "content": {"mimeType": "text/html", "size": 10, "text": "<p>"}, "bodySize": 500},
        "timings": {"blocked": -1, "dns": 2, "connect": 5, "ssl": 3, "send": 1, "wait": 20, "receive": 2},
        **more,
    }


def read(entries, document=None):
    data = json.dumps(document or {"log": {"entries": entries}}).encode()
    return read_har(io.BytesIO(data), len(data))


def test_entry_is_read_when_a_browser_wrote_it():
    archive = read([entry(at="2026-01-24T13:00:01.500+01:00"), entry()])
    assert archive.length == 1530
    assert [item.number for item in archive.entries] == [1, 0]  # by their start
    first, second = archive.entries
    assert (first.start, second.start) == (0, 1500)
    assert first[1:8] == ("GET", "https://example.com/a?b=1", "example.com", "/a?b=1", 200, "document", 500)
    assert first.phases == [("dns", 2), ("connect", 5), ("ssl", 3), ("send", 1), ("wait", 20), ("receive", 2)]


@pytest.mark.parametrize(
    ("mime", "name"),
    [
        ("text/html; charset=utf-8", "document"), ("application/x-javascript", "script"), ("text/css", "stylesheet"), ("image/svg+xml", "image"),
        ("font/woff2", "font"), ("application/json", "data"), ("video/mp4", "media"), ("", "other"), (None, "other"), (7, "other"),
    ],
)  # fmt: skip
def test_type_follows_from_the_mime_type(mime, name):
    answer = {"status": 200, "content": {"mimeType": mime}}
    assert read([entry(response=answer)]).entries[0].type == name
    assert read([entry(response=answer, _resourceType="xhr")]).entries[0].type == "data"


HOSTILE = [None, 7, "x", [], {}, [[]], {"a": 1}, True, -1, 1e308, 10**400, "\ud800", "<script>", {"name": {}}, "x" * 10_000]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_breaks_when_a_field_is_anything_at_all(value):
    good = entry()
    entries = [value]
    for name in ("startedDateTime", "time", "request", "response", "timings"):
        entries.append({**good, name: value})
    for part in ("request", "response", "timings"):
        entries.extend({**good, part: {**good[part], name: value}} for name in good[part])
    entries.append({**good, "response": {"content": {"mimeType": value, "text": value, "encoding": "base64"}}})
    entries.append({**good, "request": {"postData": {"text": value}, "queryString": value, "cookies": [value], "headers": [value] * 600}})
    text = json.dumps({"log": {"entries": entries}}).replace("1e+308", "1e999")
    archive = read_har(io.BytesIO(text.encode()), len(text))
    assert len(archive.entries) == len(entries)
    for sort in har.SORTS:
        assert len(select_entries(archive.entries, text=None, kind=None, status=None, sort=sort, descending=True)) == len(entries)
    for item in archive.entries:
        assert 0 <= item.start < 1e16
        assert 0 <= item.time < 1e16
        assert item.url.encode() is not None
    for raw in archive.raw:
        shown = details(raw)
        assert all(len(pairs) <= har.FIELDS for pairs in shown.values() if isinstance(pairs, list))
        assert json.dumps(shown, ensure_ascii=False).encode()
        assert all(len(shown[name].text) <= max(har.TEXT, 2**20) for name in ("sent", "received") if shown[name])


@pytest.mark.parametrize("document", [{"log": []}, {"log": {"entries": {}}}, {"entries": []}, {"log": {"pages": []}}])
def test_nothing_is_returned_when_it_is_no_archive(document):
    assert read([], document) is None


def test_nothing_is_returned_when_it_is_too_large_or_too_deep(monkeypatch):
    for data in (b"[" * 100_000, b"{", b"\xff\xfe", b"null"):
        assert read_har(io.BytesIO(data), len(data)) is None
    deep = b'{"log":{"entries":' + b"[" * 5000 + b"]" * 5000 + b"}}"
    archive = read_har(io.BytesIO(deep), len(deep))
    assert archive is None or len(archive.entries) == 1  # as deep as this Python goes
    monkeypatch.setattr(har, "VALUES", 10)
    assert read([entry()]) is None
    monkeypatch.setattr(har, "VALUES", 10_000)
    assert read([entry()]) is not None
    monkeypatch.setattr(har, "LARGEST", 100)
    assert read([entry()]) is None


def test_entries_are_those_that_were_asked_for():
    shared = {"kind": None, "status": None, "text": None, "sort": "start", "descending": False}
    entries = read([entry(), entry("https://x.org/LOGO.png", status=404, time=5), entry("https://x.org/api", status=0, time=90)]).entries

    def numbers(**changes):
        return [item.number for item in select_entries(entries, **{**shared, **changes})]

    assert numbers() == [0, 1, 2]
    assert numbers(text="logo") == [1]
    assert numbers(status="4") == [1]
    assert numbers(status="failed") == [1, 2]
    assert numbers(kind="script") == []
    assert numbers(sort="time") == [1, 0, 2]
    assert numbers(sort="time", descending=True) == [2, 0, 1]
    assert numbers(sort="url", descending=True) == [2, 1, 0]


def test_details_have_headers_and_bodies():
    item = entry()
    item["request"]["postData"] = {"mimeType": "application/json", "text": "{}" * 100_000}
    item["response"]["content"] = {"mimeType": "image/png", "encoding": "base64", "text": "iVBORw0KGgo="}
    found = details(item)
    assert found["request_headers"] == [("accept", "*/*")]
    assert (len(found["sent"].text), found["sent"].size) == (har.TEXT, 200_000)
    assert found["received"].picture == "image/png"
    item["response"]["content"]["mimeType"] = "image/svg+xml"
    assert details(item)["received"].picture is None


def test_first_entries_are_read_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(har, "ENTRIES", 3)
    archive = read([entry(f"https://example.com/{n}") for n in range(10)])
    assert ([item.path for item in archive.entries], archive.total, len(archive.raw)) == (["/0", "/1", "/2"], 10, 3)
