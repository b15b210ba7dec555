"""Statuses and texts of decisions.md, 2: the same for every endpoint"""

import errno
import io
import json
import os
import tempfile

import pytest
from webtest import TestApp

from artifactsvc.spool import Spool
from tests.accounts import AUTH
from tests.api import BASE, UNKNOWN, assert_detail, multipart, png, step

JSON = {"Content-Type": "application/json"}
MALFORMED = (
    "x", "1", "-1", "null", UNKNOWN[:-1], UNKNOWN + "0", UNKNOWN.replace("-", ""), "{" + UNKNOWN + "}", "urn:uuid:" + UNKNOWN,
    UNKNOWN[:-1] + "g", UNKNOWN + "%20", "%20" + UNKNOWN, UNKNOWN[:-1] + "%EF%BC%90", "%27%20OR%201=1--", "__class__", "x" * 5000,
)  # fmt: skip
ITEMS = {
    "test-runs": "Test run not found",
    "test-case-results": "Test case result not found",
    "artifacts": "Artifact not found",
    "steps": "Step not found",
}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@pytest.fixture
def urls(api) -> dict[str, str]:
    """Every URL of decisions.md, 1, with the methods that it answers."""
    result = api.result()
    (step_id,) = api.post_steps(result, [step(1)]).json["step_ids"]
    artifact = api.upload(result).json["id"]
    return {
        f"{BASE}/test-runs": "GET HEAD POST",
        f"{BASE}/test-runs/{api.run()}": "DELETE GET HEAD PATCH",
        f"{BASE}/test-case-results": "GET HEAD POST",
        f"{BASE}/test-case-results/{result}": "DELETE GET HEAD PATCH",
        f"{BASE}/test-case-results/{result}/steps": "GET HEAD POST PUT",
        f"{BASE}/test-case-results/{result}/artifacts": "GET HEAD POST",
        f"{BASE}/test-case-results/{result}/artifacts/batch": "POST",
        f"{BASE}/artifacts/{artifact}": "DELETE GET HEAD",
        f"{BASE}/artifacts/{artifact}/download": "GET HEAD",
        f"{BASE}/steps/{step_id}": "GET HEAD PATCH",
    }


def json_requests(api, result):
    (step_id,) = api.put_steps(result, [step(1)]).json["step_ids"]
    return [
        ("POST", f"{BASE}/test-runs"),
        ("PATCH", f"{BASE}/test-runs/{api.run()}"),
        ("POST", f"{BASE}/test-case-results"),
        ("PATCH", f"{BASE}/test-case-results/{result}"),
        ("POST", f"{BASE}/test-case-results/{result}/steps"),
        ("PUT", f"{BASE}/test-case-results/{result}/steps"),
        ("PATCH", f"{BASE}/steps/{step_id}"),
    ]


def multipart_urls(result):
    return [f"{BASE}/test-case-results/{result}/artifacts", f"{BASE}/test-case-results/{result}/artifacts/batch"]


def send(api, method, url, body=b"", headers=None):
    return api.app.request(url, method=method, body=body, headers=headers or {}, expect_errors=True)


# 404


def test_json_is_kept_by_nobody_and_is_no_page(api):
    for response in (api.app.get(f"{BASE}/test-runs"), api.app.get(f"{BASE}/test-runs/{UNKNOWN}", status=404)):
        assert response.headers.getall("Cache-Control") == ["no-store"]
        assert response.headers.getall("X-Content-Type-Options") == ["nosniff"]


def test_answer_is_404_in_the_things_own_words_when_its_id_is_unknown_or_malformed(api):
    for noun, text in ITEMS.items():
        for name in (UNKNOWN, UNKNOWN.upper(), *MALFORMED):
            assert_detail(api.app.get(f"{BASE}/{noun}/{name}", expect_errors=True), 404, text)


def test_answer_is_404_before_anything_is_read_when_the_parent_is_unknown(api):
    for name in (UNKNOWN, "x"):
        result, artifact = f"{BASE}/test-case-results/{name}", f"{BASE}/artifacts/{name}"
        for method, url in (
            ("GET", "/steps"),
            ("POST", "/steps"),
            ("PUT", "/steps"),
            ("GET", "/artifacts"),
            ("POST", "/artifacts"),
            ("POST", "/artifacts/batch"),
        ):
            assert_detail(send(api, method, result + url, b"not read"), 404, "Test case result not found")
        for method in ("PATCH", "DELETE"):
            assert_detail(send(api, method, result, b"not read"), 404, "Test case result not found")
        assert_detail(send(api, "GET", artifact + "/download"), 404, "Artifact not found")
        assert_detail(send(api, "DELETE", artifact), 404, "Artifact not found")
        assert_detail(send(api, "PATCH", f"{BASE}/steps/{name}", b"{}", JSON), 404, "Step not found")


def test_whole_upload_is_404_when_the_result_is_unknown(api):
    assert_detail(api.post_steps(UNKNOWN, [step(1)], expect_errors=True), 404, "Test case result not found")
    assert_detail(api.upload(UNKNOWN), 404, "Test case result not found")
    assert_detail(api.batch(UNKNOWN, [("a.png", png())]), 404, "Test case result not found")
    assert (api.files(), api.staged()) == ([], [])


def test_any_other_url_is_404_not_found(api, urls):
    for url in ("/api", "/api/v1", "/api/v1/reports", "/api/v2", "/x", "/api/v1/reports/x", "/api/v1/reports/users", "/favicon.ico", "/api/v1/reports/steps",
                "/api/v1/reports/artifacts", "/robots.txt", "/.git/config"):  # fmt: skip
        for method in ("GET", "POST", "DELETE"):
            assert_detail(send(api, method, url), 404, "Not found")


def test_extra_segments_are_404_behind_every_url(api, urls):
    for url in urls:
        if not url.endswith(("/test-runs", "/test-case-results")):  # an id is expected there
            for tail in ("/x", "/x/y", f"/{UNKNOWN}"):
                assert_detail(api.app.get(url + tail, expect_errors=True), 404)
    runs = f"{BASE}/test-runs/{api.run()}"
    for tail in ("/steps", "/artifacts", "/download", "/batch", "/test-case-results"):
        assert_detail(api.app.get(runs + tail, expect_errors=True), 404, "Not found")


def test_url_is_404_not_found_when_it_is_spelled_another_way(api, urls):
    for url in urls:
        head, _, tail = url.rpartition("/")
        for other in (url + "/", url + "//", f"{head}//{tail}", f"{head}/./{tail}", f"{head}/x/../{tail}", f"{head}/%2e/{tail}", f"{head}/@@{tail}",
                      f"{url}/.", f"{url}/..", f"{url}/@@", "/" + url, f"{head}/%2F{tail}"):  # fmt: skip
            assert_detail(api.app.get(other, expect_errors=True), 404, "Not found")
        assert send(api, "GET", url).status_int in (200, 405)
    for url in ("/livez/", "/@@livez", "//livez", "/./livez"):
        assert_detail(api.app.get(url, expect_errors=True), 404, "Not found")


def test_answer_says_so_when_a_required_field_is_null(api):
    for noun, item in (("test-runs", api.run()), ("test-case-results", api.result())):
        for method, url in (("PATCH", f"{BASE}/{noun}/{item}"), ("POST", f"{BASE}/{noun}")):
            body = assert_detail(send(api, method, url, b'{"name": null}', JSON), 422, "name: must not be null")
            assert body["errors"] == {"name": "must not be null"}
        assert_detail(send(api, "POST", f"{BASE}/{noun}", b"{}", JSON), 422, "name: Required")


# 405


def test_wrong_method_is_405_and_allow_names_the_right_ones(api, urls):
    for url, allowed in urls.items():
        for method in sorted(METHODS - set(allowed.split())):
            response = send(api, method, url)
            assert response.status_int == 405, (method, url)
            assert sorted(response.headers["Allow"].split(", ")) == allowed.split()
            if method != "HEAD":
                assert_detail(response, 405)


def test_method_that_nothing_answers_is_405(api, urls):
    for url in urls:
        assert_detail(send(api, "TRACE", url), 405)


def test_every_url_answers_head_where_it_answers_get(api, urls):
    for url, allowed in urls.items():
        if "GET" in allowed:
            got, head = api.app.get(url), api.app.head(url)
            assert (head.status_int, head.body, head.content_type) == (200, b"", got.content_type)


@pytest.mark.ini(**AUTH)
def test_health_checks_are_405_for_other_methods_when_nobody_has_logged_in(app):
    for url in ("/livez", "/readyz"):
        for method in ("POST", "DELETE", "PUT"):
            response = TestApp(app).request(url, method=method, expect_errors=True)
            assert_detail(response, 405)
            assert response.headers["Allow"] == "GET, HEAD"


# 415 and 400


def test_answer_is_415_when_the_body_is_not_declared_as_json(api):
    for method, url in json_requests(api, api.result()):
        for declared in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "text/json", ""):
            assert_detail(send(api, method, url, b"{}", {"Content-Type": declared}), 415)
        assert_detail(send(api, method, url, b"{}", {**JSON, "Content-Encoding": "gzip"}), 415)


def test_json_is_read_whatever_the_case_and_parameters_of_its_type(api):
    for declared in ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"):
        assert send(api, "POST", f"{BASE}/test-runs", b'{"name": "\xc3\xa4"}', {"Content-Type": declared}).json["name"] == "ä"


def test_answer_is_400_when_the_body_is_no_json(api):
    for method, url in json_requests(api, api.result()):
        for body in (b"", b"{", b"x", b"{'a': 1}", b'{"name": "a"', b'{"name": "\xff"}', b'{"a": 1} x', b"[1,]", b'{"a": tru}', '{"name": 1}'.encode("utf-16"),
                     b'{"name": "a\nb"}', b"[" * 100_000, b'{"a":' * 100_000, b"\0"):  # fmt: skip
            assert_detail(send(api, method, url, body, JSON), 400)


def test_answer_is_422_when_the_json_is_no_object(api):
    for method, url in json_requests(api, api.result()):
        for value in ([], [{}], "x", 1, 1.5, True, None):
            assert "errors" not in assert_detail(send(api, method, url, json.dumps(value).encode(), JSON), 422, "The body must be an object")


def test_answer_is_422_and_names_the_field_when_an_integer_has_thousands_of_digits(api):
    for sign in ("", "-"):
        body = f'{{"name": "n", "duration_ms": {sign}{"9" * 5000}}}'.encode()
        assert list(assert_detail(send(api, "POST", f"{BASE}/test-case-results", body, JSON), 422)["errors"]) == ["duration_ms"]
        body = f'{{"steps": [{{"step_number": {sign}{"1" * 5000}, "step_type": "click"}}]}}'.encode()
        assert list(assert_detail(send(api, "PUT", f"{BASE}/test-case-results/{api.result()}/steps", body, JSON), 422)["errors"]) == ["steps.0.step_number"]


def test_answer_is_415_when_the_body_is_not_declared_as_multipart(api):
    for url in multipart_urls(api.result()):
        for declared in ("application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=XbX", "image/png", ""):
            assert_detail(api.post_form(url, multipart([]), content_type=declared), 415)
        assert_detail(api.post_form(url, multipart([]), {"Content-Encoding": "gzip"}), 415)


def test_answer_is_400_when_the_body_is_no_multipart(api):
    whole = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x" * 1000)])
    for url in multipart_urls(api.result()):
        for body in (b"", b"x", b"--XbX", b"{}", whole[:-4], whole[:-500], whole[:40], whole.replace(b"XbX", b"YbY"), whole.replace(b"form-data", b"")):
            assert_detail(api.post_form(url, body), 400)
        for declared in ("multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 71}"):
            assert_detail(api.post_form(url, whole, content_type=declared), 400)
    assert (api.files(), api.staged()) == ([], [])


def test_answer_is_400_when_less_arrives_than_was_announced(api):
    result = api.result()
    whole = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x" * 1000)])
    requests = [("POST", url, "multipart/form-data; boundary=XbX", whole[:-4]) for url in multipart_urls(result)]
    requests += [(method, url, "application/json", b'{"name": "n"') for method, url in json_requests(api, result)]
    for method, url, declared, body in requests:
        request = api.app.RequestClass.blank(url, method=method, content_type=declared)
        request.body_file_raw = io.BytesIO(body)
        request.environ["CONTENT_LENGTH"] = "5000"
        assert_detail(api.app.do_request(request, expect_errors=True), 400)
    assert (api.files(), api.staged()) == ([], [])


# 413


@pytest.mark.ini(**{"artifactsvc.max_json_size": "1KB"})
def test_answer_is_413_when_the_json_is_over_its_limit(api):
    body = json.dumps({"name": "n", "ignored": "x" * 1024}).encode()
    for method, url in json_requests(api, api.result()):
        assert_detail(send(api, method, url, body, JSON), 413, "Request body exceeds maximum allowed (1KB)")
    fits = json.dumps({"name": "n", "ignored": ""})
    assert send(api, "POST", f"{BASE}/test-runs", fits.ljust(1024).encode(), JSON).status_int == 201
    assert send(api, "POST", f"{BASE}/test-runs", fits.ljust(1025).encode(), JSON).status_int == 413


def test_json_over_ten_megabytes_is_413(api):
    body = b'{"name": "n"}'.ljust(10 * 2**20 + 1)
    assert_detail(send(api, "POST", f"{BASE}/test-runs", body, JSON), 413, "Request body exceeds maximum allowed (10MB)")
    assert send(api, "POST", f"{BASE}/test-runs", body[:-1], JSON).status_int == 201


@pytest.mark.ini(**{"artifact.max_file_size": "1500", "artifact.allowed_types": "text/plain,  image/png"})
def test_texts_name_the_settings_when_these_are_others(api):
    result = api.result()
    assert_detail(api.upload(result, b"x" * 1501, "a.txt", "text/plain"), 413, "File size exceeds maximum allowed (1500 bytes)")
    assert_detail(api.upload(result, b"x", "a.pdf", "application/pdf"), 415, "File type not allowed. Allowed types: text/plain, image/png")


# 507 and 503


@pytest.mark.parametrize(("code", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
def test_answer_comes_when_the_disk_does_not_take_a_body_on_its_way_in(api, monkeypatch, code, status):
    """The server spools a large body before anybody sees it."""

    class Full:
        def writelines(self, pieces): ...

        def write(self, *args):
            raise OSError(code, os.strerror(code))

        close = seek = write

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    result = api.result()
    whole = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x" * 5000)])
    requests = [("POST", url, "multipart/form-data; boundary=XbX", whole) for url in multipart_urls(result)]
    requests += [(method, url, "application/json", b'{"name": "n"}'.ljust(5000)) for method, url in json_requests(api, result)]
    for method, url, declared, body in requests:
        spool = Spool(1000)
        for start in range(0, len(body), 100):
            spool.append(body[start : start + 100])
        request = api.app.RequestClass.blank(url, method=method, content_type=declared)
        request.body_file_raw = spool.getfile()
        request.environ["CONTENT_LENGTH"] = str(len(spool))
        response = api.app.do_request(request, expect_errors=True)
        assert_detail(response, status)
        assert "Retry-After" in response.headers
        spool.close()
    assert (api.files(), api.staged()) == ([], [])


# URLs that cannot be read


def test_url_is_400_when_it_is_no_utf_8_or_has_control_characters(api):
    result = api.result()
    for url in (f"{BASE}/test-runs/%ff", f"{BASE}/test-runs/%C3%28", f"{BASE}/%00", f"{BASE}/artifacts/a%0Ab", f"/%ff{BASE}", f"{BASE}/test-runs/%ED%A0%80",
                f"{BASE}/test-runs?page=%ff", f"{BASE}/test-case-results?suite=%C3", f"{BASE}/test-case-results/{result}/steps?status=%ff",
                f"{BASE}/test-runs?%ff=1"):  # fmt: skip
        for method in ("GET", "POST"):
            assert_detail(send(api, method, url), 400)


def test_query_is_read_when_it_is_odd_but_legal(api):
    for query in ("&&", "=", "page", "a=%00", "%", "page=1&", "x=" + "y" * 5000, "%F0%9D%84%9E=1"):
        response = api.app.get(f"{BASE}/test-runs?{query}", expect_errors=True)
        assert response.status_int == (422 if query == "page" else 200), query


# the shape of answers


def test_every_answer_is_json_with_a_request_id(api, urls):
    ids = set()
    for url in (*urls, "/x", f"{BASE}/steps/x", f"{BASE}/test-runs?page=0", f"{BASE}/%ff"):
        response = api.app.get(url, expect_errors=True)
        if not url.endswith("/download"):
            assert response.headers["Content-Type"] == "application/json"
        ids.add(response.headers["X-Request-ID"])
    assert len(ids) == len(urls) + 4


def test_text_and_fields_agree_when_a_body_does_not_validate(api):
    body = assert_detail(api.post_steps(api.result(), [step(1, status="x", duration_ms=-1), step(0)], expect_errors=True), 422)
    assert set(body["errors"]) == {"steps.0.status", "steps.0.duration_ms", "steps.1.step_number"}
    name, _, text = body["detail"].partition(": ")
    assert body["errors"][name] == text


def test_deletes_have_no_body_and_no_content_type(api, urls):
    for url, allowed in urls.items():
        if "DELETE" in allowed and api.app.get(url, expect_errors=True).status_int == 200:
            response = api.app.delete(url, status=204)
            assert (response.body, response.headers.get("Content-Length")) in ((b"", None), (b"", "0"))


@pytest.mark.ini(**{"artifactsvc.api_mount": "/reports"})
def test_every_url_moves_when_the_mount_point_is_another(app):
    moved = TestApp(app)
    created = moved.post_json("/reports/test-case-results", {"name": "n"}, status=201)
    assert created.headers["Location"].endswith(f"/reports/test-case-results/{created.json['id']}")
    body = multipart([("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x")])
    headers = {"Content-Type": "multipart/form-data; boundary=XbX"}
    stored = moved.post(f"/reports/test-case-results/{created.json['id']}/artifacts", body, headers, status=201).json
    assert stored["download_url"] == f"/reports/artifacts/{stored['id']}/download"
    assert moved.get(stored["download_url"]).body == b"x"
    assert_detail(moved.get(f"{BASE}/test-runs", expect_errors=True), 404, "Not found")


@pytest.mark.ini(**AUTH)
def test_nothing_is_told_without_credentials(app):
    closed = TestApp(app)
    for method, url in (("GET", "/test-runs"), ("POST", "/test-runs"), ("POST", "/test-case-results"), ("GET", "/test-case-results")):
        response = closed.request(BASE + url, method=method, expect_errors=True)
        assert_detail(response, 401, "Not authenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"
