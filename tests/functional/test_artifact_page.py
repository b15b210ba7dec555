"""/artifacts/{id}: what a reader sees without a script, and that nothing an uploader sends can act on the page."""

import json
import re
from html import unescape

import pytest

from tests.api import UNKNOWN, assert_detail, gif, jpeg, pdf, png, step

EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
WIDE = {"artifact.allowed_types": "image/png image/jpeg image/gif application/json text/plain text/html application/pdf video/webm application/zip"}
HTML = {"Accept": "text/html"}


def upload(api, data=None, name="shot.png", mime="image/png", **fields) -> str:
    """The path of the page of a new artifact."""
    result = fields.pop("result", None) or api.result()
    answer = api.upload(result, data, name, mime, **fields)
    assert answer.status_int == 201, answer.text
    return f"/artifacts/{answer.json['id']}"


def har(*urls, **more) -> bytes:
    entries = [
        {
            "startedDateTime": f"2026-01-24T12:00:{n:02d}.000Z",
            "time": 100 - n,
            "request": {"method": "GET", "url": url, "headers": [{"name": "accept", "value": EVIL}]},
            "response": {"status": 404 if "gone" in url else 200, "content": {"mimeType": "text/css", "text": EVIL}, **more},
            "timings": {"wait": 100 - n},
        }
        for n, url in enumerate(urls)
    ]
    return json.dumps({"log": {"entries": entries}}).encode()


def assert_safe(page) -> None:
    """Nothing of EVIL became markup; no script or style stands in the page."""
    assert "<script>" not in page.text
    assert "<img src=x" not in page.text
    assert not re.search(r"<style|\sstyle=|\son\w+=[\"']", page.text)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))


# facts


def test_page_says_what_the_artifact_is(api):
    run = api.run(name="nightly <1>")
    result = api.result(name="test_login[chrome]", test_run_id=run)
    api.post_steps(result, [step(6)])
    fields = {"step_number": 6, "artifact_category": "error", "captured_at": "2026-01-24T12:00:01.250Z", "description": EVIL, "iteration_number": 2}
    page = api.app.get(upload(api, png(300), result=result, **fields))
    stored = api.artifacts(result)["items"][0]
    checksum = api.app.get(f"/api/v1/reports/artifacts/{stored['id']}").json["checksum"]
    assert_safe(page)
    text = unescape(page.text)
    for part in (checksum, "2026-01-24 12:00:01.250 UTC", "300 × 300", f"{stored['file_size']} bytes", "shot.png", "image/png", "nightly <1>", EVIL):
        assert part in text, part
    links = re.findall(r'href="([^"]+)"', page.text)
    for link in ("/", f"/runs/{run}", f"/results/{result}", f"/results/{result}#step-6", stored["download_url"], stored["download_url"] + "?download=1"):
        assert link in links, link
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_neighbours_are_those_of_the_result_in_their_order(api):
    result, other = api.result(), api.result()
    paths = [upload(api, png(noise=b"%d" % n), result=owner) for n, owner in enumerate([result, other, result, result])]
    first, second, third = paths[0], paths[2], paths[3]
    for path, previous, following, place in ((first, None, second, "1 of 3"), (second, first, third, "2 of 3"), (third, second, None, "3 of 3")):
        page = api.app.get(path).text
        assert re.findall(r'href="([^"]+)" rel="prev"', page) == [previous] * bool(previous)
        assert re.findall(r'href="([^"]+)" rel="next"', page) == [following] * bool(following)
        assert place in page


def test_page_is_not_found_when_the_artifact_is_not(api):
    assert_detail(api.app.get(f"/artifacts/{UNKNOWN}", expect_errors=True), 404, "Artifact not found")
    path = upload(api)
    for below in ("/x", "/lines/x", "/thumbnail/x"):
        assert api.app.get(path + below, expect_errors=True).status_int == 404


def test_page_says_so_when_the_file_is_missing(api):
    for data, name, mime in ((png(), "a.png", "image/png"), (b"x", "a.txt", "text/plain"), (b"{}", "a.json", "application/json"), (har(), "a.har", None)):
        path = upload(api, data, name, mime)
        for file in api.files():
            (api.storage / file).unlink()
        page = api.app.get(path)
        assert "The file is missing" in page.text
        if mime != "image/png":
            assert_detail(api.app.get(path + "/lines", expect_errors=True), 404, "The file of this artifact is missing")


@pytest.mark.parametrize("query", ["line=0", "line=x", "hit=0", "view=x", "status=9", "sort=colour", "page=0", "entry=-1", "q=" + "x" * 201, "q=a&q=b"])
def test_page_is_refused_when_its_query_makes_no_sense(api, query):
    path = upload(api, b"x", "a.txt", "text/plain")
    assert api.app.get(f"{path}?{query}", expect_errors=True).status_int == 422


# kinds


@pytest.mark.ini(**WIDE)
@pytest.mark.parametrize(
    ("data", "name", "mime", "part"),
    [
        (png(), "a.png", "image/png", '<img src="{}"'),
        (jpeg(), "a.jpg", "image/jpeg", '<img src="{}"'),
        (gif(), "a.gif", "image/gif", '<img src="{}"'),
        (pdf(), "a.pdf", "application/pdf", '<iframe src="{}"'),
        (b"<p>x", "a.html", "text/html", '<iframe class="artifact-paper" sandbox src="{}"'),
        (b"\x1a\x45\xdf\xa3" + b"x" * 600, "a.webm", "video/webm", '<video controls preload="metadata" playsinline src="{}"'),
        (b"PK\x03\x04" + b"x" * 600, "a.zip", "application/zip", '<a href="{}?download=1">Download it</a>'),
    ],
)
def test_every_kind_has_its_viewer(api, data, name, mime, part):
    path = upload(api, data, name, mime, artifact_type="other")
    page = api.app.get(path)
    assert part.format(f"/api/v1/reports{path}/download") in page.text
    assert_safe(page)


def test_uploaded_page_runs_nothing_and_shows_its_source(api):
    path = upload(api, EVIL.encode(), "a.html", "text/html")
    page = api.app.get(path)
    assert_safe(page)
    assert re.search(r"<iframe[^>]* sandbox [^>]*>", page.text)
    source = api.app.get(path + "?view=text")
    assert_safe(source)
    assert EVIL in unescape(source.text)


# texts


def lines_of(page) -> list[tuple[int, str]]:
    found = re.findall(r'<div class="log-line[^"]*" id="L(\d+)">.*?<code class="log-t">(.*?)</code></div>', page.text, re.DOTALL)
    return [(int(number), unescape(re.sub(r"<[^>]+>", "", text))) for number, text in found]


@pytest.fixture
def log(api):
    text = "\n".join(f"line {n}{' needle' if n % 700 == 0 else ''}" for n in range(1, 3001))
    return upload(api, text.encode(), "browser.log", "text/plain", artifact_type="log")


def test_first_lines_and_the_way_to_the_next_are_in_the_page(api, log):
    page = api.app.get(log)
    assert lines_of(page)[:2] == [(1, "line 1"), (2, "line 2")]
    assert len(lines_of(page)) == 500
    assert 'rel="next" href="?line=501"' in page.text
    following = api.app.get(log + "?line=501")
    assert lines_of(following)[0] == (501, "line 501")
    assert 'rel="prev" href="?line=1"' in following.text
    last = api.app.get(log + "?line=3000")
    assert lines_of(last)[-1] == (3000, "line 3000")
    assert 'rel="next"' not in last.text
    assert lines_of(api.app.get(log + "?line=2147483647"))[-1] == (3000, "line 3000")


def test_line_is_marked_when_its_permalink_is_opened(api, log):
    page = api.app.get(log + "?line=1234")
    assert re.findall(r'log-current" id="(L\d+)"', page.text) == ["L1234"]
    assert 'href="?line=1234#L1234"' in page.text


def test_lines_come_as_a_fragment(api, log):
    fragment = api.app.get(log + "/lines?first=2991&q=NEEDLE")
    assert lines_of(fragment) == [(n, f"line {n}") for n in range(2991, 3001)]
    assert "<html" not in fragment.text
    assert "<mark>needle</mark>" in api.app.get(log + "/lines?first=2800&q=NEEDLE").text
    assert api.app.get(log + "/lines?first=3001").text.strip() == ""


def test_matches_are_found_in_the_whole_file(api, log):
    assert api.app.get(log + "/find?q=needle").json == {"lines": [700, 1400, 2100, 2800], "next": None}
    assert api.app.get(log + "/find?q=needle&first=1401").json == {"lines": [2100, 2800], "next": None}
    assert api.app.get(log + "/find?q=nothing").json == {"lines": [], "next": None}
    for query in ("", "?q=", "?q=a&first=0", "?q=" + "x" * 201):
        assert_detail(api.app.get(log + "/find" + query, expect_errors=True), 422)


def test_picture_has_no_lines(api):
    path = upload(api)
    for below in ("/lines", "/find?q=x"):
        assert_detail(api.app.get(path + below, expect_errors=True), 404, "This artifact is no text")


def test_search_walks_from_match_to_match_without_a_script(api, log):
    page = api.app.get(log + "?q=needle")
    assert "1 of 4" in page.text
    assert re.findall(r'log-current" id="(L\d+)"', page.text) == ["L700"]
    assert "<mark>needle</mark>" in page.text
    assert 'href="?hit=2&amp;q=needle#L1400"' in page.text
    third = api.app.get(log + "?q=needle&hit=3")
    assert "3 of 4" in third.text
    assert lines_of(third)[0][0] == 2001
    assert "4 of 4" in api.app.get(log + "?q=needle&hit=99").text
    assert "3 of 4" in api.app.get(log + "?q=needle&line=1500").text
    assert "No match" in api.app.get(log + "?q=nothing").text


def test_text_of_any_contents_is_only_text(api):
    text = f"{EVIL}\n\x1b[31m{EVIL}\x1b[0m\x1b]0;{EVIL}\x07\n" + "1%\r2%\r\x1b[32m100%\n" + "x" * 100_000 + "\n\u202eevil\u2069\n\u05e9\u05dc\u05d5\u05dd"
    page = api.app.get(upload(api, text.encode(), EVIL.replace("/", "_") + ".log", "text/plain") + "?q=%3Cscript%3E%22")
    assert_safe(page)
    page = api.app.get(page.request.path + "?q=script")
    assert_safe(page)
    assert lines_of(page)[0] == (1, EVIL)
    assert lines_of(page)[1] == (2, EVIL)
    assert lines_of(page)[2][1] == "100%written over 2 times"
    assert "93.7 KB more" in lines_of(page)[3][1]


def test_long_line_is_whole_when_it_is_asked_for(api):
    path = upload(api, b"x" * 50_000 + b"end\nnext", "a.log", "text/plain")
    (more,) = re.findall(r'<a class="log-note log-more" href="([^"]+)"', api.app.get(path).text)
    assert lines_of(api.app.get(unescape(more))) == [(1, "x" * 50_000 + "end")]


def test_windows_text_is_read(api):
    page = api.app.get(upload(api, "\ufeffeins\r\nzwei ä\r\n".encode("utf-16-le"), "w.log", "text/plain"))
    assert lines_of(page) == [(1, "eins"), (2, "zwei ä")]


@pytest.mark.ini(**{"artifact.max_file_size": "20MB"})
def test_page_of_a_large_log_is_small(api):
    path = upload(api, b"0123456789 0123456789 0123456789\n" * 320_000, "large.log", "text/plain", artifact_type="log")
    page = api.app.get(path + "?line=200000")
    assert len(page.body) < 150_000
    assert (200_000, "0123456789 0123456789 0123456789") in lines_of(page)
    assert "320\u202f000" in page.text


# JSON


def test_json_is_folded_and_keeps_its_digits(api):
    data = json.dumps({EVIL: [EVIL, 1, None, True, {"deep": {"er": {"est": []}}}]}).replace("1,", "1.10,").encode()
    path = upload(api, data, "a.json", "application/json")
    page = api.app.get(path)
    assert_safe(page)
    assert page.text.count("<details") == 5
    assert page.text.count("<details open>") == 3
    for part in ("1.10", "null", "true", '<span class="json-n">5 items</span>'):
        assert part in page.text
    assert 'href="' + path + '?view=text"' in page.text
    assert EVIL.replace('"', '\\"') in unescape(api.app.get(path + "?view=text").text)


@pytest.mark.parametrize("data", [b"[" + b"1," * 30_000 + b"1]", b"[" * 500 + b"]" * 500, b'{"a": "' + b"x" * 2**21 + b'"}'])
def test_json_is_shown_as_text_when_it_is_too_much(api, data):
    page = api.app.get(upload(api, data, "a.json", "application/json"))
    assert "Shown as text" in page.text
    assert lines_of(page)[0][0] == 1


def test_json_is_shown_when_it_has_no_characters_to_show(api):
    page = api.app.get(upload(api, b'["\\ud800", "\\u0000\\u001b", "\\u202e"]', "a.json", "application/json"))
    assert "␀␛" in page.text


# HTTP archives


def urls_of(page) -> list[str]:
    return [unescape(title) for title in re.findall(r'data-har-entry="\d+" title="([^"]*)"', page.text)]


def test_archive_is_a_table_without_a_script(api):
    path = upload(api, har("https://a.org/1", "https://b.org/gone", f"https://c.org/{EVIL}"), "network.har", None, artifact_type="har")
    page = api.app.get(path)
    assert_safe(page)
    assert urls_of(page) == ["https://a.org/1", "https://b.org/gone", f"https://c.org/{EVIL}"]
    assert len(page.html.select("main rect")) == 3
    assert urls_of(api.app.get(path + "?sort=time")) == ["https://c.org/" + EVIL, "https://b.org/gone", "https://a.org/1"]
    assert urls_of(api.app.get(path + "?sort=url&order=desc"))[0] == "https://c.org/" + EVIL
    assert urls_of(api.app.get(path + "?status=failed&q=&kind=")) == ["https://b.org/gone"]
    assert urls_of(api.app.get(path + "?q=A.ORG")) == ["https://a.org/1"]
    assert "No request matches" in api.app.get(path + "?kind=image").text
    assert 'aria-sort="descending"' in api.app.get(path + "?sort=size&order=desc").text


def test_details_of_a_request_are_shown(api):
    path = upload(api, har("https://a.org/1?x=1", "https://b.org/2"), "network.har", None, artifact_type="har")
    for page in (api.app.get(path + "?entry=1"), api.app.get(path + "/entry?number=1")):
        assert_safe(page)
        assert "Response headers" in page.text or "Request headers" in page.text
        assert EVIL in unescape(page.text)
        assert "https://b.org/2" in page.text
    assert 'class="har-detail"' not in api.app.get(path + "?entry=7").text
    assert api.app.get(path + "/entry?number=7", expect_errors=True).status_int == 404
    assert api.app.get(upload(api) + "/entry?number=0", expect_errors=True).status_int == 404


def test_archive_of_thousands_is_turned_page_by_page(api):
    path = upload(api, har(*(f"https://a.org/{n:04d}" for n in range(2500))).replace(b":60.", b":59."), "network.har", None, artifact_type="har")
    page = api.app.get(path + "?sort=url")
    assert len(urls_of(page)) == 1000
    assert "2\u202f500" in page.text
    last = api.app.get(path + "?sort=url&page=3")
    assert urls_of(last)[-1] == "https://a.org/2499"
    assert 'rel="next"' not in last.text.partition('class="har-pages"')[2]
    assert urls_of(api.app.get(path + "?sort=url&page=999")) == urls_of(last)


@pytest.mark.parametrize("data", [b"[]", b'{"log": 7}', b'{"log": {"entries": {}}}'])
def test_archive_is_shown_as_text_when_it_is_none(api, data):
    page = api.app.get(upload(api, data, "network.har", None, artifact_type="har"))
    assert "Shown as text" in page.text


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, -1, 1e308, "\ud800", EVIL, {"name": {}}])
def test_archive_breaks_nothing_when_a_field_is_anything_at_all(api, value):
    entries = [value, {"request": value, "response": value, "timings": value, "time": value, "startedDateTime": value}]
    entries += [{"request": {"url": value, "method": value, "headers": value}, "response": {"status": value, "content": {"text": value, "mimeType": value}}}]
    entries += [{"timings": {"wait": value, "dns": value}, "response": {"content": value, "bodySize": value}}]
    path = upload(api, json.dumps({"log": {"entries": entries}}).encode(), "network.har", None, artifact_type="har")
    assert_safe(api.app.get(path))
    for number in range(len(entries)):
        assert_safe(api.app.get(f"{path}?entry={number}"))
