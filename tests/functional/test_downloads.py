"""/artifacts/{id}/download: contract endpoint 6, and RFC 9110 and 6266"""

import http.client
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import unquote

import pytest

from tests.api import BASE, assert_detail, multipart, pdf, png

TEXT = b"0123456789" * 100_000  # more than one block of a download


def text_url(api) -> str:
    return api.upload(api.result(), TEXT, "a.txt", "text/plain", artifact_type="log").json["download_url"]


def disposition_name(header: str) -> str:
    """The name a browser shows (RFC 6266, 4.3: `filename*` goes before `filename`)."""
    _, star, name = header.partition("filename*=UTF-8''")
    return unquote(name, errors="strict") if star else header.partition('filename="')[2][:-1]


def test_answer_is_the_contracts_when_a_screenshot_is_downloaded(api):
    stored = api.upload(api.result(), png(), "step_001_navigate.png").json
    response = api.app.get(stored["download_url"], status=200)
    assert response.body == png()
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"] == 'inline; filename="step_001_navigate.png"'
    assert response.headers["Content-Length"] == str(len(png()))
    assert response.headers["Cache-Control"] == "public, max-age=31536000"
    assert response.headers["ETag"] == f'"{stored["checksum"]}"'
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    uploaded = datetime.fromisoformat(stored["uploaded_at"]).replace(microsecond=0)
    assert response.headers["Last-Modified"] == format_datetime(uploaded, usegmt=True)


def test_large_file_comes_back_byte_for_byte(api):
    assert api.app.get(text_url(api)).body == TEXT


def test_head_answers_the_same_headers_and_no_body(api):
    url = text_url(api)
    got, head = api.app.get(url), api.app.head(url, status=200)
    assert head.body == b""
    different = {"X-Request-ID"}
    assert {k: v for k, v in head.headers.items() if k not in different} == {k: v for k, v in got.headers.items() if k not in different}


# ranges


def test_part_of_the_file_comes_when_one_range_is_asked(api):
    url, size = text_url(api), len(TEXT)
    for wanted, start, stop in (
        ("bytes=0-0", 0, 1), ("bytes=0-9", 0, 10), ("bytes=5-", 5, size), ("bytes=-3", size - 3, size), (f"bytes={size - 1}-", size - 1, size),
        ("bytes=10-999999999", 10, size), ("bytes=300000-600000", 300000, 600001), ("bytes=-999999999", 0, size), ("bytes=0-", 0, size),
    ):  # fmt: skip
        response = api.app.get(url, headers={"Range": wanted}, status=206)
        assert response.body == TEXT[start:stop], wanted
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
        assert response.headers["Content-Length"] == str(stop - start)
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_answer_is_416_when_the_range_lies_outside(api):
    url = text_url(api)
    for wanted in (f"bytes={len(TEXT)}-", "bytes=99999999-", "bytes=5000000-6000000", "bytes=-0"):
        response = api.app.get(url, headers={"Range": wanted}, expect_errors=True)
        assert_detail(response, 416)
        assert response.headers["Content-Range"] == f"bytes */{len(TEXT)}", wanted


def test_whole_file_comes_when_the_range_is_none_that_counts(api):
    url = text_url(api)
    for wanted in ("bytes=0-1,5-6", "lines=1-2", "bytes=5-1", "bytes=-", "bytes=a-b", "bytes", "", "0-5", "bytes=" + "9" * 5000 + "-"):
        response = api.app.get(url, headers={"Range": wanted}, expect_errors=True)
        if response.status_int != 416 or "999" not in wanted:
            assert (response.status_int, response.body == TEXT) == (200, True), wanted
            assert "Content-Range" not in response.headers


def test_head_ignores_the_range(api):
    response = api.app.head(text_url(api), headers={"Range": "bytes=0-4"}, status=200)
    assert response.headers["Content-Length"] == str(len(TEXT))


def test_range_counts_when_if_range_names_the_etag(api):
    url = text_url(api)
    etag, modified = (api.app.head(url).headers[name] for name in ("ETag", "Last-Modified"))
    for validator, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200), (etag[1:-1], 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200), ("x", 200)):
        response = api.app.get(url, headers={"Range": "bytes=0-4", "If-Range": validator})
        assert response.status_int == status, validator
    assert api.app.get(url, headers={"Range": "bytes=0-4", "If-Range": modified}).body in (TEXT, TEXT[:5])


# conditions


@pytest.mark.parametrize("method", ["get", "head"])
def test_answer_is_304_when_the_client_has_the_etag(api, method):
    url = text_url(api)
    etag = api.app.head(url).headers["ETag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        response = getattr(api.app, method)(url, headers={"If-None-Match": condition}, status=304)
        assert response.body == b""
        assert (response.headers["ETag"], response.headers["Cache-Control"]) == (etag, "public, max-age=31536000")
        assert "Content-Type" not in response.headers
        assert response.headers.get("Content-Length") in (None, str(len(TEXT)))
    assert getattr(api.app, method)(url, headers={"If-None-Match": '"other"'}).status_int == 200


def test_answer_is_304_when_not_modified_since(api):
    url = text_url(api)
    modified = api.app.head(url).headers["Last-Modified"]
    later, earlier = (format_datetime(parsedate_to_datetime(modified) + timedelta(seconds=seconds), usegmt=True) for seconds in (60, -1))
    for since, status in ((modified, 304), (later, 304), (earlier, 200), ("not a date", 200)):
        assert api.app.get(url, headers={"If-Modified-Since": since}).status_int == status, since


def test_etag_decides_when_both_conditions_are_sent(api):
    url = text_url(api)
    head = api.app.head(url).headers
    conditions = {"If-None-Match": '"other"', "If-Modified-Since": head["Last-Modified"]}
    assert api.app.get(url, headers=conditions).status_int == 200
    assert api.app.get(url, headers={"If-None-Match": head["ETag"], "Range": "bytes=0-4"}).status_int == 304


# Content-Disposition and the like


def test_file_is_an_attachment_when_download_is_1(api):
    url = text_url(api)
    assert api.app.get(url + "?download=1").headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    for query in ("", "?download=0", "?download="):
        assert api.app.get(url + query).headers["Content-Disposition"].startswith("inline; ")


def test_name_survives_its_header_when_it_is_not_plain_ascii(api):
    result = api.result()
    for sent, name in (
        ("Größe 日本.png", "Größe 日本.png"), ("𝄞.png", "𝄞.png"), ('a\\"b.png', 'a"b.png'), ("100% (1).png", "100% (1).png"), ("a;b=c,d.png", "a;b=c,d.png"),
        ("it's.png", "it's.png"), ("a\u2028b.png", "a\u2028b.png"), ("€ rates.png", "€ rates.png"), ("?ä?.png", "?ä?.png"),
    ):  # fmt: skip
        url = api.upload(result, png(), sent).json["download_url"]
        header = api.app.get(url).headers["Content-Disposition"]
        assert header.isascii()
        assert header.isprintable()
        assert disposition_name(header) == name
        assert header.startswith('inline; filename="')
        plain = header.removeprefix('inline; filename="').partition('"')[0]
        assert "\\" not in plain
        if not name.isascii():
            assert "filename*=" in header


def test_page_is_sandboxed_when_it_is_html(api):
    url = api.upload(api.result(), b"<script>alert(1)</script>", "a.html", "text/html", artifact_type="other").json["download_url"]
    for query in ("", "?download=1"):
        headers = api.app.get(url + query).headers
        directives = [directive.strip() for directive in headers["Content-Security-Policy"].split(";")]
        assert "sandbox" in directives  # no allow-scripts, no allow-same-origin
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in api.app.get(url, headers={"Range": "bytes=0-4"}).headers["Content-Security-Policy"]


@pytest.mark.parametrize(("data", "mime"), [(b"{}", "application/json"), (pdf(), "application/pdf"), (png(), "image/png"), (b"x", "text/plain")])
def test_type_is_never_guessed_by_the_browser(api, data, mime):
    response = api.app.get(api.upload(api.result(), data, "a.html", mime).json["download_url"])
    assert (response.content_type, response.headers["X-Content-Type-Options"]) == (mime, "nosniff")


@pytest.mark.ini(**{"artifact.cache_control": "private, no-cache"})
def test_cache_control_is_the_settings(api):
    url = text_url(api)
    assert api.app.get(url).headers["Cache-Control"] == "private, no-cache"
    assert api.app.get(url, headers={"If-None-Match": "*"}).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.ini(**{"artifact.accel_redirect": "/protected-artifacts/"})
def test_front_server_sends_the_file_when_the_setting_names_its_location(api):
    stored = api.upload(api.result(), png(), "ä.png", iteration_number=2, step_number=1).json
    for method in (api.app.get, api.app.head):
        response = method(stored["download_url"] + "?download=1", status=200)
        assert response.body == b""
        assert response.headers["X-Accel-Redirect"] == "/protected-artifacts/" + stored["storage_path"].removeprefix("artifacts/")
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "public, max-age=31536000"


def test_no_accel_header_is_sent_when_the_setting_is_empty(api):
    assert "X-Accel-Redirect" not in api.app.get(text_url(api)).headers


def test_answer_is_404_when_the_file_is_gone_from_the_disk(api):
    url = text_url(api)
    (api.storage / api.files()[0]).unlink()
    assert_detail(api.app.get(url, expect_errors=True), 404)


def test_nothing_but_the_artifact_is_sent_when_its_file_became_a_link(api, tmp_path):
    url = text_url(api)
    file = api.storage / api.files()[0]
    (tmp_path / "secret").write_bytes(b"secret")
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    assert_detail(api.app.get(url, expect_errors=True), 404)


def test_time_of_the_upload_is_now(api):
    uploaded = parsedate_to_datetime(api.app.head(text_url(api)).headers["Last-Modified"])
    assert abs(datetime.now(UTC) - uploaded) < timedelta(minutes=1)


def test_download_is_found_by_its_id_in_upper_case(api):
    artifact = api.upload(api.result()).json["id"]
    assert api.app.get(f"{BASE}/artifacts/{artifact.upper()}/download").body == png()


def test_connection_stays_open_when_an_answer_has_no_body(live_server):
    def ask(connection, method, url, body=None, **headers):
        connection.request(method, url, body, headers)
        response = connection.getresponse()
        return response, response.read()

    connection = http.client.HTTPConnection("127.0.0.1", live_server.port, timeout=10)
    _, created = ask(connection, "POST", f"{BASE}/test-case-results", b'{"name": "n"}', **{"Content-Type": "application/json"})
    result = json.loads(created)["id"]
    body = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x")])
    _, stored = ask(connection, "POST", f"{BASE}/test-case-results/{result}/artifacts", body, **{"Content-Type": "multipart/form-data; boundary=XbX"})
    artifact = json.loads(stored)
    opened = connection.sock
    for method, url, status in (("GET", artifact["download_url"], 304), ("DELETE", f"{BASE}/artifacts/{artifact['id']}", 204)):
        response, _ = ask(connection, method, url, **{"If-None-Match": f'"{artifact["checksum"]}"'})
        assert (response.status, response.getheader("Connection"), response.getheader("Content-Length")) == (status, None, None)
        assert connection.sock is opened
    assert ask(connection, "GET", "/livez")[1] == b'{"status":"ok"}'
    response, _ = ask(connection, "DELETE", f"{BASE}/test-case-results/{result}", Connection="close")
    assert (response.status, response.getheader("Connection")) == (204, "close")
    connection.close()
