"""Downloads: which bytes for which headers, and a Content-Disposition that cannot be broken out of."""

from datetime import UTC, datetime
from email.message import Message
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramid.request import Request

from artifactsvc.exceptions import NotFoundError
from artifactsvc.filestore import FileStore
from artifactsvc.settings import Settings
from artifactsvc.views.downloads import content_disposition, download_response
from artifactsvc.views.multipart import clean_file_name

DATA = bytes(range(256)) * 4
CHECKSUM = "c" * 64


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "store")


@pytest.fixture
def artifact(store):
    with store.stage() as staged:
        staged.write(DATA)
        path = store.publish(staged, "2026/11/22/x", "step_001", ".txt")
        store.sync([(staged, path)])
    return SimpleNamespace(
        mime_type="text/plain",
        file_name="log.txt",
        checksum=CHECKSUM,
        file_size=len(DATA),
        storage_path=path,
        uploaded_at=datetime(2026, 11, 22, 10, 0, 0, 999, UTC),
    )


@pytest.fixture
def get(store, artifact):
    def get(url="/", method="GET", accel="", **headers):
        request = Request.blank(url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
        request.registry = {"file store": store}
        response = download_response(request, artifact, Settings(accel_redirect=accel))
        sent.append(response)
        return response

    sent = []
    yield get
    for response in sent:
        if hasattr(response.app_iter, "close"):
            response.app_iter.close()


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-", 5, 1024),
        ("bytes=-5", 1019, 1024),
        ("bytes=0-99999", 0, 1024),
        ("bytes=-99999", 0, 1024),
        ("bytes=100-199", 100, 200),
        ("bytes=0-" + "9" * 30, 0, 1024),
        ("BYTES=0-1", 0, 2),
    ],
)
def test_one_range_is_sent_when_asked_for(get, header, start, stop):
    response = get(Range=header)
    assert (response.status_int, response.body) == (206, DATA[start:stop])
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert response.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "lines=0-1",
        "bytes=0-1,3-4",
        "bytes=" + "0-0," * 5000,
        "bytes=" + "9" * 5000 + "-",
        "bytes=-" + "9" * 5000,
        "bytes=１-2",
        "junk",
    ],
)
def test_whole_file_is_sent_when_the_range_is_none(get, header):
    response = get(Range=header)
    assert (response.status_int, response.body) == (200, DATA)


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=" + "9" * 30 + "-"])
def test_range_is_not_satisfiable_when_beyond_the_end(get, header):
    response = get(Range=header)
    assert (response.status_int, response.headers["Content-Range"]) == (416, "bytes */1024")
    assert response.json == {"detail": "Range not satisfiable"}


@pytest.mark.parametrize(("header", "status"), [(f'"{CHECKSUM}"', 206), ('"other"', 200), ("Sun, 22 Nov 2026 10:00:00 GMT", 200)])
def test_range_counts_only_when_if_range_fits(get, header, status):
    assert get(Range="bytes=0-1", If_Range=header).status_int == status


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": f'"{CHECKSUM}"'},
        {"If_None_Match": f'"a", W/"{CHECKSUM}"'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": "Sun, 22 Nov 2026 10:00:00 GMT"},
    ],
)
def test_nothing_is_sent_when_the_client_has_it(get, headers):
    response = get(**headers)
    assert (response.status_int, response.body) == (304, b"")
    assert response.headers["ETag"] == f'"{CHECKSUM}"'


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": '"other"'},
        {"If_None_Match": "\xff,,;\"'"},
        {"If_None_Match": '"other"', "If_Modified_Since": "Sun, 22 Nov 2026 10:00:00 GMT"},
        {"If_Modified_Since": "Sun, 22 Nov 2026 09:59:59 GMT"},
        {"If_Modified_Since": "yesterday"},
        {"If_Modified_Since": "Fri, 31 Dec 99999 23:59:59 GMT"},
        {"If_Modified_Since": "Fri, 31 Dec 9999999999999999999 23:59:59 GMT"},
    ],
)
def test_file_is_sent_when_the_client_has_another_or_makes_no_sense(get, headers):
    assert get(**headers).status_int == 200


def test_no_body_is_sent_when_the_method_is_head(get):
    response = get(method="HEAD")
    assert response.headers["Content-Length"] == "1024"
    assert response.body == b""


def test_front_server_sends_the_file_when_the_setting_says_so(get, artifact):
    response = get(accel="/protected")
    assert (response.headers["X-Accel-Redirect"], response.body) == (f"/protected/{artifact.storage_path}", b"")


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "2026/11/22/x/gone.txt"])
@pytest.mark.parametrize("accel", ["", "/protected"])
def test_not_found_when_the_path_of_the_row_is_not_a_file_of_ours(get, artifact, path, accel):
    artifact.storage_path = path
    if accel and path.startswith("2026"):
        return  # nginx answers 404 itself
    with pytest.raises(NotFoundError):
        get(accel=accel)


@pytest.mark.parametrize(("mime", "policy"), [("text/html", "sandbox; "), ("application/pdf", "default-src 'none'"), ("image/png", "default-src 'none'")])
def test_nothing_can_run_when_a_browser_shows_the_file(get, artifact, mime, policy):
    artifact.mime_type = mime
    headers = get().headers
    assert headers["Content-Security-Policy"].startswith(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("sandbox" in headers["Content-Security-Policy"]) is (mime != "application/pdf")


@pytest.mark.parametrize(("query", "kind"), [("/", "inline"), ("/?download=1", "attachment"), ("/?download=0", "inline")])
def test_file_is_an_attachment_when_asked_for_as_one(get, query, kind):
    assert get(query).headers["Content-Disposition"] == f'{kind}; filename="log.txt"'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a b.png", 'inline; filename="a b.png"'),
        ('a"; x="b.png', "inline; filename=\"a_; x=_b.png\"; filename*=UTF-8''a%22%3B%20x%3D%22b.png"),
        ("ä%41.png", "inline; filename=\"__41.png\"; filename*=UTF-8''%C3%A4%2541.png"),
        ("a\r\nSet-Cookie: x=1", "inline; filename=\"a__Set-Cookie: x=1\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1"),
    ],
)
def test_name_is_quoted_when_it_needs_to_be(name, expected):
    assert content_disposition("inline", name) == expected


@given(name=st.text(max_size=300).map(clean_file_name))
@settings(max_examples=300, deadline=None)
def test_name_comes_back_whole_when_the_header_is_parsed(name):
    header = content_disposition("inline", name)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header
    found = message.get_param("filename", header="Content-Disposition")
    if isinstance(found, tuple):
        assert found[0].lower() == "utf-8"
    assert ("filename*" in header) is (name != header.removeprefix('inline; filename="').removesuffix('"'))
