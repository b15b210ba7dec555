"""Hostile requests: each gets a clear 4xx, leaves no file and no row, and the next request works as ever."""

import io
import json
import socket
import time

import pytest

from tests.api import BASE, assert_detail, gif, multipart, png

FORM = "multipart/form-data; boundary=XbX"
STEP = '"step_number": 1, "step_type": "click"'
FILE = b'--XbX\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
END = b"\r\n--XbX--\r\n"


def short(value):
    return ascii(value)[:30] if isinstance(value, str | bytes | dict) else None


class Target:
    """A result to attack, and the oracle."""

    def __init__(self, api):
        self.api = api
        self.app = api.app
        self.id = api.result()
        self.url = f"{BASE}/test-case-results/{self.id}"

    def send(self, method, path, body=b"", headers=None, **environ):
        """A request as a server would pass it on, whatever is in it."""
        headers = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in (headers or {}).items()}
        given = {"REQUEST_METHOD": method, "CONTENT_LENGTH": str(len(body)), **headers, **environ}
        request = self.app.RequestClass.blank("/", environ={key: value for key, value in given.items() if value is not None})
        request.environ.update({"PATH_INFO": path, "wsgi.url_scheme": "http"})
        request.body_file_raw = io.BytesIO(body)
        if given["CONTENT_LENGTH"] is None:
            request.environ.pop("CONTENT_LENGTH", None)
        else:
            request.environ["CONTENT_LENGTH"] = given["CONTENT_LENGTH"]
        return self.app.do_request(request, expect_errors=True)

    def json(self, body, path="/steps", method="POST"):
        body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        return self.send(method, self.url + path, body, CONTENT_TYPE="application/json")

    def form(self, body, path="/artifacts", content_type=FORM, **environ):
        return self.send("POST", self.url + path, body, CONTENT_TYPE=content_type, **environ)

    def assert_unharmed(self):
        assert (self.api.files(), self.api.folders(), self.api.staged()) == ([], [], [])
        assert self.api.artifacts(self.id)["total"] == 0
        assert self.api.steps(self.id)["total_steps"] == 0
        assert self.app.get(f"{BASE}/test-case-results").json["total"] == 1
        assert self.app.get(f"{BASE}/test-runs").json["total"] == 0
        assert self.api.upload(self.id).status_int == 201
        self.api.post_steps(self.id, [{"step_number": 1, "step_type": "click"}], status=201)

    def assert_refused(self, response, *statuses):
        assert response.status_int in statuses
        assert_detail(response, response.status_int)
        assert "Traceback" not in response.text
        self.assert_unharmed()


@pytest.fixture
def target(api):
    return Target(api)


def step(members):
    return f'{{"steps": [{{{STEP}, {members}}}]}}'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"{} {}", 400), (b"\xff\xfe", 400), (b'"\xff"', 400), ("{}".encode("utf-16"), 400), (b"\xef\xbb\xbf{}", 400),
        (b"'a'", 400), (b'{"a": "\xed\xa0\x80"}', 400), (b"\0", 400),
        ("[" * 100_000, 400), ("[" * 1000 + "]" * 1000, 422), ('{"a":' * 50_000 + "1" + "}" * 50_000, 400), ("1" * 5000, 422), ("NaN", 400),
        (step('"duration_ms": NaN'), 400), (step('"duration_ms": -Infinity'), 400),
        ("null", 422), ("[]", 422), ('"steps"', 422), ("1", 422), ("{}", 422), ('{"steps": {}}', 422), ('{"steps": []}', 422), ('{"steps": [null]}', 422),
        ('{"steps": [[]]}', 422),
        (step('"duration_ms": 2147483648'), 422), (step('"duration_ms": 9223372036854775808'), 422), (step('"duration_ms": 1' + "0" * 400), 422),
        (step('"duration_ms": 1e999'), 422), (step('"duration_ms": -1'), 422),
        (step('"duration_ms": 1.0'), 422), (step('"duration_ms": true'), 422), (step('"duration_ms": "1"'), 422), (step('"step_number": 0'), 422),
        (step('"action": "a\\u0000b"'), 422), (step('"action": "\\ud800"'), 422),
        (step('"stack_trace": "\\udfff"'), 422), (step(f'"action": "{101 * "x"}"'), 422), (step('"action": {"a": []}'), 422),
        (step('"status": "passed"'), 422), (step('"started_at": "10000-01-01T00:00:00Z"'), 422),
        (step('"started_at": "0001-01-01T00:00:00+14:00"'), 422), (step('"screenshot_artifact_id": "x"'), 422),
        (step('"screenshot_artifact_id": "00000000-0000-0000-0000-000000000000"'), 422),
        (f'{{"steps": [{{{STEP}}}, {{{STEP}}}]}}', 422), ('{"steps": [' + "{}," * 10_000 + "{}]}", 422),
        ('{"steps": [' + "{}," * 4999 + "{}]}", 422),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_json_is_hostile(target, body, status):
    assert_detail(target.json(body, method="PUT"), status)
    target.assert_refused(target.json(body), status)


@pytest.mark.ini(**{"artifactsvc.max_json_size": "1KB"})
def test_refused_when_json_is_too_large(target):
    target.assert_refused(target.json(b" " * 1025), 413)


@pytest.mark.parametrize(
    "members",
    [
        '"id": "x"',
        '"id": 7',
        '"name": ""',
        '"name": null',
        '"name": "a\\u0000"',
        '"name": "%s"' % ("x" * 501),
        '"full_name": "\\ud800"',
        '"test_run_id": "00000000-0000-0000-0000-000000000000"',
        '"duration_ms": 2147483648',
    ],
)
def test_refused_when_a_new_result_is_hostile(target, members):
    target.assert_refused(target.send("POST", f"{BASE}/test-case-results", f'{{"name": "n", {members}}}'.encode(), CONTENT_TYPE="application/json"), 422)


GOOD = multipart([("artifact_type", None, None, b"screenshot"), ("file", "a.png", "image/png", png())])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"\r\n", 400), (b"--XbX", 400), (GOOD[:-4], 400), (GOOD[: len(GOOD) // 2], 400), (GOOD.replace(b"XbX", b"zzz"), 400),
        (b"junk" + GOOD, 400), (GOOD.replace(b"\r\n", b"\n"), 400), (bytes(10_000), 400),
        (GOOD[:-8] + b"--XbX\r\n" + FILE, 400), (FILE + b"Content-Transfer-Encoding: base64\r\n\r\neA==" + END, 400),
        (FILE + b"Content-Length: 999999\r\n\r\nx" + END, 400), (FILE + b"X: " + b"a" * 2**20 + b"\r\n\r\nx" + END, 400),
        (FILE + b"X: a\r\n" * 20_000 + b"\r\nx" + END, 400), (FILE + b"\xff: a\r\n\r\nx" + END, 400),
        (b"--XbX\r\nContent-Disposition: attachment\r\n\r\nx" + END, 400), (b"--XbX\r\n\r\nx" + END, 400),
        (multipart([("x", None, None, b"")] * 10_000), 400), (multipart([("file", "a.png", "image/png", png())] * 51), 413),
        (multipart([("description", None, None, b"x" * (2**20 + 1))]), 413), (b"--XbX--\r\n", 422),
        (multipart([("artifact_type", None, None, b"screenshot")]), 422), (multipart([("artifact_type", None, None, b"\xff")]), 422),
        (GOOD[:-9] + multipart([("artifact_type", None, None, b"log")]), 422),
        (GOOD[:-9] + multipart([("file", "b.png", "image/png", png())]), 422),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_multipart_is_hostile(target, body, status):
    target.assert_refused(target.form(body), status)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 415), ("", 415), ("application/json", 415), ("multipart/mixed; boundary=XbX", 415), ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 400), ("multipart/form-data; boundary=", 400),
        ("multipart/form-data; boundary=" + "a" * 71, 400), ("multipart/form-data; boundary=\xff", 400), ('multipart/form-data; boundary="a\x01"', 400),
        ("multipart/form-data; boundary=zzz", 400),
    ],
)  # fmt: skip
def test_refused_when_the_content_type_is_no_form(target, content_type, status):
    target.assert_refused(target.form(GOOD, content_type=content_type), status)


@pytest.mark.parametrize("length", [None, "", "0", "1", str(len(GOOD) - 3)])
def test_refused_when_the_length_lies(target, length):
    target.assert_refused(target.form(GOOD, CONTENT_LENGTH=length), 400)


@pytest.mark.parametrize("length", [str(len(GOOD) + 1000), str(2**40)])
def test_stored_once_when_the_length_says_more_but_the_end_is_there(target, length):
    assert target.form(GOOD, CONTENT_LENGTH=length).status_int == 201
    assert len(target.api.files()) == 1


@pytest.mark.parametrize("path", ["/artifacts", "/artifacts/batch", "/steps"])
def test_refused_when_the_body_is_compressed(target, path):
    content_type = "application/json" if path == "/steps" else FORM
    target.assert_refused(target.send("POST", target.url + path, GOOD, {"Content-Encoding": "gzip"}, CONTENT_TYPE=content_type), 415)


def upload(target, data=None, content_type="image/png", name="a.png", **fields):
    fields = {"artifact_type": "screenshot", **fields}
    return target.form(
        multipart([*((key, None, None, value.encode()) for key, value in fields.items()), ("file", name, content_type, png() if data is None else data)])
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"artifact_type": "Screenshot"}, {"artifact_type": ""}, {"step_number": "0"}, {"step_number": "01"}, {"step_number": "+1"}, {"step_number": "-1"},
        {"step_number": "1.0"}, {"step_number": "2147483648"},
        {"step_number": "9" * 5000}, {"step_number": "１"}, {"step_number": ""}, {"iteration_number": "0"}, {"iteration_number": "1e3"},
        {"artifact_category": "../x"}, {"description": "a\0b"}, {"captured_at": "now"},
        {"captured_at": "9999-12-31T23:59:59-14:00"}, {"checksum": "x"}, {"link_to_step": "yes"},
    ],
    ids=str,
)  # fmt: skip
def test_refused_when_a_field_is_hostile(target, fields):
    target.assert_refused(upload(target, **fields), 422)


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", "image/png", 422), (png()[:-1], "image/png", 422), (b"<script>", "image/png", 422), (gif()[:-1], "image/png", 422),
        (b"\x7fELF" + bytes(60), "text/plain", 415), (b"MZ" + bytes(60), "text/html", 415),
        (png(), "text/html", 422), (b"PK\x03\x04", "application/json", 415), (b"[" * 100_000, "application/json", 422),
        (b"1" * 100_000, "application/json", 422), (b"<svg/>", "image/svg+xml", 415), (b"x", "a" * 3000, 415),
        (b"\xff", 'text/plain; charset="a\0b"', 422), (b"-b9" * 300_000, "text/plain; charset=punycode", 201), (b"x", "text/plain; charset=\udcff", 400),
        (b"x" * (10 * 2**20 + 1), "text/plain", 413),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_the_file_is_hostile(target, data, content_type, status):
    body = GOOD[: GOOD.index(b"--XbX", 5)] + b'--XbX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: '
    started = time.perf_counter()
    response = target.form(body + content_type.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + data + END)
    assert time.perf_counter() - started < 3
    if status == 201:
        assert response.status_int == 201
    else:
        target.assert_refused(response, status)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"../../etc/passwd", "passwd"), (b"C:\\x\\a.png", "a.png"), (b"/abs.png", "abs.png"), (b"..", "unnamed"), (b"a\0b.png", "ab.png"),
        (b"a\rb\x1b.png", "ab.png"), (b"%0d%0aX: y.png", "X: y.png"), (b".htaccess", ".htaccess"),
        ("\u202egnp.png".encode(), "gnp.png"), ("zwölf.png".encode(), "zwölf.png"), (b"a" * 3000 + b".png", "a" * 251 + ".png"), (b"-rf", "-rf"),
        (b"CON.png", "CON.png"), (b"a;b=c.png", "a;b=c.png"),
    ],
)  # fmt: skip
def test_name_stays_a_name_when_it_is_hostile(target, sent, kept):
    response = target.form(GOOD.replace(b'filename="a.png"', b'filename="' + sent + b'"'))
    assert response.status_int == 201
    assert response.json["file_name"] in (kept, kept.replace("X: y", "%0d%0aX: y"))
    (path,) = target.api.files()
    assert path.endswith(f"{target.id}/screenshot.png")
    download = target.app.get(response.json["download_url"])
    assert download.body == png()
    assert download.headers["Content-Disposition"].isprintable()


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        (b"", 400), (b"[", 400), (b"{}", 400), (b"null", 400), (b"[1]", 400), (b"[" * 100_000, 400), (b"\xff", 422), (b"[]", 207), (b"[{}]", 422),
        (b'[{"file_index": -1}]', 422), (b'[{"file_index": 1}]', 422), (b'[{"file_index": "0"}]', 422),
        (b'[{"file_index": true}]', 422), (b'[{"file_index": 0.0}]', 422), (b'[{"file_index": 0}, {"file_index": 0}]', 422),
        (b'[{"file_index": 1e400}]', 422), (b'[{"file_index": 0}]', 207),
        (b'[{"file_index": 0, "artifact_type": "screenshot", "description": "\\ud800"}]', 207),
        (b'[{"file_index": 0, "artifact_type": "screenshot", "step_number": 2147483648}]', 207), (b" " * (2**20 + 1), 413),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_the_metadata_of_a_batch_is_hostile(target, metadata, status):
    response = target.form(multipart([("files", "a.png", "image/png", png()), ("metadata", None, None, metadata)]), "/artifacts/batch")
    if status == 207:
        assert response.status_int == 207
        assert (len(response.json["failed"]), response.json["artifacts"]) == (1, [])
        target.assert_unharmed()
    else:
        target.assert_refused(response, status)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/\xff", 400), ("/\xc0\xae", 400), ("/a\0b", 400), ("/a\nb", 400), ("/a\x7f", 400), ("/artifacts/..", 404), ("/artifacts/../../etc", 404),
        ("/artifacts//", 404), ("/artifacts/@@x", 404), ("/artifacts/x/download", 404),
        ("/artifacts/%s" % ("x" * 60_000), 404), ("/artifacts/{00000000-0000-7000-8000-000000000000}", 404),
        ("/artifacts/00000000000070008000000000000000", 404), ("/artifacts/00000000-0000-7000-8000-000000000000\n", 400),
        ("/test-runs/' OR 1=1--", 404), ("/test-runs" + "/a" * 2000, 404), ("/steps/\xef\xbc\x90", 404),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_the_path_is_hostile(target, path, status):
    assert_detail(target.send("DELETE", BASE + path), status)
    target.assert_refused(target.send("GET", BASE + path), status)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=0", 422), ("page=-1", 422), ("page=1e3", 422), ("page=%205", 422), ("page=%EF%BC%91", 422), ("page=1_000", 422), ("page=5%0a", 422),
        ("page=9223372036854775808", 422), ("page=" + "9" * 5000, 422), ("per_page=501", 422),
        ("page=1&page=2", 422), ("status=%00", 422), ("status=passed", 422), ("suite=%00", 422), ("suite=%ff", 400), ("%ff=1", 400), ("suite=\xff", 400),
        ("test_run_id=x", 422), ("suite=" + "x" * 501, 422), ("full_name=a%5C", 200),
        ("suite=%27%20OR%201=1--", 200), ("suite=%25_", 200), ("page=2147483647&per_page=500", 200), ("&&==&%", 200), ("unknown=1", 200),
        (";" * 60_000, 200), ("a&" * 30_000, 200),
    ],
    ids=short,
)  # fmt: skip
def test_refused_when_the_query_is_hostile(target, query, status):
    response = target.send("GET", f"{BASE}/test-case-results", QUERY_STRING=query)
    if status == 200:
        assert response.status_int == 200
    else:
        target.assert_refused(response, status)


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PATCH", "DELETE"])
def test_not_allowed_when_the_method_is_unknown(target, method):
    response = target.send(method, target.url + "/steps", headers={"X-HTTP-Method-Override": "GET"})
    assert response.headers["Allow"] == "GET, HEAD, POST, PUT"
    target.assert_refused(response, 405)


@pytest.mark.parametrize("host", ["example.com:8000", "[::1]:8000", "", None, "[", "[::1", "a b", "a@b", "a, b", "\xff", "a:b"])
def test_location_is_given_when_the_host_is_anything(target, host):
    response = target.send("POST", f"{BASE}/test-runs", b'{"name": "n"}', CONTENT_TYPE="application/json", HTTP_HOST=host)
    assert response.status_int == 201
    assert response.headers["Location"].endswith(f"{BASE}/test-runs/{response.json['id']}")


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=" + "9" * 5000 + "-"}, {"Range": "bytes=-"}, {"Range": "bytes=" + "0-0," * 5000},
        {"If-Modified-Since": "Fri, 31 Dec 99999 23:59:59 GMT"}, {"If-None-Match": '"a",' * 10_000}, {"If-None-Match": '"'},
        {"If-Range": "\xff"}, {"Cookie": "\xff=\0;=;"}, {"Accept": "\xff,;q=x"}, {"Accept-Language": "x" * 9999}, {"Authorization": "Bearer \xff"},
        {"X-Forwarded-For": "\xff"}, {"Accept-Encoding": ";;q="},
        {"Cache-Control": "max-age=x"}, {"If-Match": "\xff"}, {"If-Unmodified-Since": "x"},
    ],
    ids=short,
)  # fmt: skip
def test_file_is_sent_when_the_headers_make_no_sense(target, headers):
    url = target.api.upload(target.id).json["download_url"]
    response = target.send("GET", url, headers=headers)
    assert (response.status_int, response.body) == (200, png())


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\xff", "a\tb"])
def test_refused_when_the_idempotency_key_is_hostile(target, key):
    target.assert_refused(target.send("POST", target.url + "/artifacts", GOOD, {"Idempotency-Key": key}, CONTENT_TYPE=FORM), 422)


# Real sockets


def exchange(port, data, timeout=10):
    """Send bytes, and read until the server hangs up or has nothing more to say."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        try:
            sock.sendall(data)
        except OSError:  # refused while we were still sending
            pass
        try:
            while piece := sock.recv(65536):
                answer += piece
        except OSError:
            pass
    return answer


def get(port, path="/readyz"):
    return exchange(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())


def body_of(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])


HEAD = b"POST /api/v1/reports/test-runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
RUN = b'{"name": "n"}'
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FRAMING = {
    "two lengths": HEAD + b"Content-Length: 13\r\nContent-Length: 13\r\n\r\n" + RUN,
    "length and chunked": HEAD + b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n" + RUN,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n" + RUN + b"\r\n0\r\n\r\n",
    "gzip, chunked": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "length with a sign": HEAD + b"Content-Length: +13\r\n\r\n" + RUN,
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n" + RUN,
    "length in hexadecimal": HEAD + b"Content-Length: 0xd\r\n\r\n" + RUN,
    "length of 25 digits": HEAD + b"Content-Length: " + b"9" * 25 + b"\r\n\r\n",
    "length of 5000 digits": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "expecting 2 GB": HEAD + b"Expect: 100-continue\r\nContent-Length: 2147483648\r\n\r\n",
    "bare LF": HEAD + b"X: a\nContent-Length: 13\r\n\r\n" + RUN,
    "space before the colon": HEAD + b"Content-Length : 13\r\n\r\n" + RUN,
    "no colon": HEAD + b"junk\r\n\r\n",
    "NUL in a header": HEAD + b"X-\0: a\r\n\r\n",
    "headers of a megabyte": HEAD + b"X: " + b"a" * 2**20 + b"\r\n\r\n",
    "5000 headers": HEAD + b"X: aaaaaaaaaa\r\n" * 5000 + b"\r\n",
    "URL of a megabyte": b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\n\r\n",
    "URL that is none": b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    "URL of raw bytes": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "method in lower case": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "chunk size that is none": CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n",
    "chunk without its end": CHUNKED + b"3\r\nabcXX0\r\n\r\n",
    "chunk extension of 16 MB": CHUNKED + b"3;x=" + b"a" * 2**24,
    "trailer of 16 MB": CHUNKED + b"0\r\nX: " + b"a" * 2**24,
}
ANSWERED = {
    "TRACE": (b"TRACE /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    "unknown method": (b"FOO /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    "undecodable URL": (b"GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    "NUL in the URL": (b"GET /a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    "line break in the URL": (b"GET /a%0d%0aX:y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    "undecodable query": (b"GET /livez?%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
    "folders": (b"GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "no body": (HEAD + b"\r\n", 400),
    "body cut by its length": (HEAD + b"Content-Length: 5\r\n\r\n" + RUN, 400),
    "empty chunked body": (CHUNKED + b"0\r\n\r\n", 400),
    "JSON that is none in chunks": (CHUNKED + b"1\r\n{\r\n0\r\n\r\n", 400),
    "compressed": (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 13\r\n\r\n" + RUN, 415),
}  # fmt: skip


def assert_unharmed(server, storage):
    assert b" 200 " in get(server.port)
    assert body_of(get(server.port, "/api/v1/reports/test-runs"))["total"] == 0
    assert [path.name for path in storage.rglob("*")] == [".tmp"]
    assert "Traceback" not in server.log.read_text()
    answer = exchange(server.port, HEAD + b"Content-Length: 13\r\n\r\n" + RUN)
    assert b" 201 " in answer


def test_refused_quickly_when_the_framing_is_hostile(live_server, storage):
    for name, data in FRAMING.items():
        started = time.perf_counter()
        answer = exchange(live_server.port, data, 3)
        assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.0 4") or answer[:12] == b"HTTP/1.1 501" or (not answer and len(data) > 2**20), (name, answer[:200])
        assert b"Traceback" not in answer
        assert b" 200 " in get(live_server.port), name
        assert time.perf_counter() - started < 2, name
    assert_unharmed(live_server, storage)


def test_refused_in_json_when_the_application_answers(live_server, storage):
    for name, (data, status) in ANSWERED.items():
        answer = exchange(live_server.port, data)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (name, answer[:200])
        assert set(body_of(answer)) == {"detail"}, name
    assert_unharmed(live_server, storage)


def test_nothing_is_stored_when_clients_hang_up_in_the_middle(live_server, storage):
    result = body_of(exchange(live_server.port, HEAD.replace(b"test-runs", b"test-case-results") + b"Content-Length: 13\r\n\r\n" + RUN))["id"]
    head = f"POST /api/v1/reports/test-case-results/{result}/artifacts HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n".encode()
    for length, sent in ((len(GOOD), GOOD[:-9]), (len(GOOD) + 9, GOOD), (2**23, GOOD + bytes(2**22)), (len(GOOD), b"")):
        with socket.create_connection(("127.0.0.1", live_server.port), timeout=5) as sock:
            sock.sendall(head + f"Content-Length: {length}\r\n\r\n".encode() + sent)
    listed = body_of(get(live_server.port, f"/api/v1/reports/test-case-results/{result}/artifacts"))
    assert listed["total"] == 0
    assert_unharmed(live_server, storage)


def test_two_answers_come_when_the_length_says_less_than_was_sent(live_server, storage):
    answer = exchange(live_server.port, HEAD.replace(b"Connection: close\r\n", b"") + b"Content-Length: 5\r\n\r\n" + RUN + b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 400") + answer.count(b"HTTP/1.0 400") == 2
    assert_unharmed(live_server, storage)
