"""/test-case-results/{id}/artifacts and /artifacts/{id}: contract endpoints 3, 5 and 7"""

import gzip
import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest

from tests.api import BASE, UNKNOWN, assert_detail, gif, jpeg, multipart, pdf, png, step

DEFAULT_TYPES = "image/png, image/jpeg, image/gif, application/json, text/plain, text/html, application/pdf"
NOT_ALLOWED = f"File type not allowed. Allowed types: {DEFAULT_TYPES}"
CORRUPTED = "File corrupted or unreadable"
GOOD = {
    "image/png": (png(), ".png"),
    "image/jpeg": (jpeg(), ".jpg"),
    "image/gif": (gif(), ".gif"),
    "application/json": (b'{"a": [1, 2.5e3, "\xc3\xa4", null]}', ".json"),
    "text/plain": ("Grüße\n".encode(), ".txt"),
    "text/html": (b"<!doctype html><p>x</p>", ".html"),
    "application/pdf": (pdf(), ".pdf"),
}
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 60
EXE = b"MZ\x90\0\x03\0\0\0" + b"\0" * 60
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "a")
    return data.getvalue()


def url(result):
    return f"{BASE}/test-case-results/{result}/artifacts"


def path(api, response) -> str:
    """The storage path below the day and the result, which must be there on the disk."""
    assert response.status_int == 201, response.text
    stored = response.json
    assert stored["storage_path"].removeprefix("artifacts/") in api.files()
    prefix = f"artifacts/{stored['uploaded_at'][:10].replace('-', '/')}/{stored['test_case_result_id']}/"
    assert stored["storage_path"].startswith(prefix)
    return stored["storage_path"].removeprefix(prefix)


def assert_nothing_stored(api, result):
    assert api.artifacts(result)["total"] == 0
    assert (api.files(), api.staged()) == ([], [])


# what an upload answers


def test_answer_is_the_contracts_when_a_screenshot_is_uploaded(api):
    result = api.result()
    sent = {"step_number": 1, "artifact_category": "after", "description": " d ", "captured_at": "2026-01-24T14:00:01.250+02:00"}
    response = api.upload(result, png(), "screenshot.png", **sent)
    assert response.status_int == 201
    stored = response.json
    day = datetime.now(UTC)
    assert abs(datetime.fromisoformat(stored["uploaded_at"]) - day).total_seconds() < 60
    assert stored == {
        "id": stored["id"],
        "test_case_result_id": result,
        "artifact_type": "screenshot",
        "file_name": "screenshot.png",
        "file_size": len(png()),
        "mime_type": "image/png",
        "checksum": hashlib.sha256(png()).hexdigest(),
        "storage_path": f"artifacts/{stored['uploaded_at'][:10].replace('-', '/')}/{result}/step_001_after.png",
        "step_number": 1,
        "iteration_number": 1,
        "artifact_category": "after",
        "description": " d ",
        "download_url": f"{BASE}/artifacts/{stored['id']}/download",
        "captured_at": "2026-01-24T12:00:01.250Z",
        "uploaded_at": stored["uploaded_at"],
    }
    assert (api.storage / stored["storage_path"].removeprefix("artifacts/")).read_bytes() == png()


def test_metadata_has_the_contracts_fields_and_the_upload_the_same_values(api):
    stored = api.upload(api.result(), step_number=1, description="d").json
    shown = api.app.get(f"{BASE}/artifacts/{stored['id']}").json
    contract = {
        "id", "test_case_result_id", "artifact_type", "file_name", "file_size", "mime_type", "checksum", "step_number", "iteration_number",
        "artifact_category", "description", "download_url", "captured_at", "uploaded_at",
    }  # fmt: skip
    assert contract <= set(shown)
    assert shown == stored


def test_listed_artifact_has_the_contracts_fields(api):
    result = api.result()
    stored = api.upload(result, captured_at="2026-01-24T12:00:01.250Z").json
    names = (
        "id", "artifact_type", "file_name", "file_size", "mime_type", "step_number", "iteration_number", "artifact_category", "download_url",
        "captured_at",
    )  # fmt: skip
    assert api.artifacts(result) == {"total": 1, "page": 1, "per_page": 100, "items": [{name: stored[name] for name in names}]}


def test_fields_may_come_in_any_order_around_the_file(api):
    result = api.result()
    parts = [("step_number", None, None, b"2"), ("file", "a.png", "image/png", png()), ("artifact_type", None, None, b"screenshot")]
    for order in (parts, parts[::-1], [parts[1], parts[0], parts[2]]):
        assert api.post_form(url(result), multipart(order)).json["step_number"] == 2


def test_list_filters_by_type_and_step(api):
    result = api.result()
    shot, log = api.upload(result, step_number=1).json["id"], api.upload(result, b"x", "a.log", "text/plain", artifact_type="log", step_number=2).json["id"]
    for query, ids in (
        ("artifact_type=log", [log]),
        ("step_number=1", [shot]),
        ("artifact_type=log&step_number=1", []),
        ("artifact_type=har", []),
        ("", [shot, log]),
    ):
        page = api.artifacts(result, "?" + query)
        assert ([item["id"] for item in page["items"]], page["total"]) == (ids, len(ids)), query


def test_list_holds_only_the_artifacts_of_its_result(api):
    result = api.result()
    api.upload(api.result())
    assert api.artifacts(result)["total"] == 0


# names and paths


def test_storage_path_follows_step_category_and_iteration(api):
    result = api.result()
    for fields, expected in (
        ({"step_number": 1}, "step_001.png"),
        ({"step_number": 1, "artifact_category": "after"}, "step_001_after.png"),
        ({"step_number": 12, "artifact_category": "error"}, "step_012_error.png"),
        ({"step_number": 1234}, "step_1234.png"),
        ({"step_number": 2147483647}, "step_2147483647.png"),
        ({}, "screenshot.png"),
        ({"artifact_category": "before"}, "screenshot_before.png"),
        ({"artifact_type": "har", "artifact_category": "checkpoint"}, "har_checkpoint.png"),
        ({"iteration_number": 1, "step_number": 3}, "step_003.png"),
        ({"iteration_number": 2, "step_number": 3}, "iteration_002/step_003.png"),
        ({"iteration_number": 1000, "artifact_category": "after"}, "iteration_1000/screenshot_after.png"),
    ):
        assert path(api, api.upload(result, **fields)) == expected
        assert api.artifacts(result)["items"][-1]["iteration_number"] == fields.get("iteration_number", 1)


def test_name_gets_the_next_number_when_it_is_taken(api):
    result = api.result()
    names = [path(api, api.upload(result, png(noise=b"%d" % n), step_number=1)) for n in range(12)]
    assert names == ["step_001.png", *(f"step_001_{n}.png" for n in range(2, 13))]
    assert path(api, api.upload(result, jpeg(), "a.jpg", "image/jpeg", step_number=1)) == "step_001.jpg"
    assert path(api, api.upload(result, step_number=1, iteration_number=2)) == "iteration_002/step_001.png"
    assert path(api, api.upload(api.result(), step_number=1)) == "step_001.png"


def test_published_file_is_never_overwritten(api):
    result = api.result()
    first = api.upload(result, png(noise=b"first"), step_number=1).json
    api.upload(result, png(noise=b"second"), step_number=1)
    assert api.app.get(first["download_url"]).body == png(noise=b"first")


def test_extension_follows_the_type_whatever_the_name(api):
    result = api.result()
    for number, (mime, (data, extension)) in enumerate(GOOD.items(), 1):
        response = api.upload(result, data, "x.exe", mime, step_number=number)
        assert path(api, response) == f"step_{number:03d}{extension}"
        assert (response.json["mime_type"], response.json["file_name"]) == (mime, "x.exe")


def test_file_name_is_the_last_component_without_control_characters(api):
    result = api.result()
    for sent, kept in (
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\x\\shot.png", "shot.png"),
        ("/a/b.png", "b.png"),
        ("a\tb\x1f\x7f.png", "ab.png"),
        ("a\x85b\u202e.png", "ab.png"),
        ("日本 語 ä.png", "日本 語 ä.png"),
        (" a .png ", " a .png "),
        (".hidden", ".hidden"),
        ("a;b=c.png", "a;b=c.png"),
        ("100%.png", "100%.png"),
        ("…", "…"),
        ("x" * 255, "x" * 255),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("ä" * 256 + ".tar", "ä" * 251 + ".tar"),
    ):
        response = api.upload(result, png(), sent)
        assert response.status_int == 201, response.text
        assert response.json["file_name"] == kept
        assert api.app.get(f"{BASE}/artifacts/{response.json['id']}").json["file_name"] == kept


def test_file_name_keeps_its_quotes_when_the_client_escapes_them(api):
    for sent in ('a\\"b.png', "a%22b.png"):
        assert api.upload(api.result(), png(), sent).json["file_name"] == 'a"b.png'


def test_no_path_leaves_the_storage_folder_when_the_name_tries(api):
    for name in ("../../../x.png", "..", ".", "/", "..\\..\\x.png", "%2e%2e%2fx.png"):
        response = api.upload(api.result(), png(), name)
        assert response.status_int == 201
        assert path(api, response) == "screenshot.png"


# fields


def test_upload_is_422_and_stores_nothing_when_a_field_is_wrong(api):
    result = api.result()
    integers = ("0", "-1", "01", "+1", "1.0", "1e3", "true", "", " 1", "1 ", "x", "2147483648", "9" * 25, "١")
    bad = [("step_number", value) for value in integers] + [("iteration_number", value) for value in integers]
    bad += [("artifact_type", value) for value in ("", "Screenshot", "image", "screenshot ", "\0")]
    bad += [("artifact_category", value) for value in ("", "After", "during")]
    bad += [("captured_at", value) for value in ("", "yesterday", "2016-12-31T23:59:60Z", "1769256000")]
    bad += [("description", "a\0b"), ("link_to_step", "1"), ("link_to_step", "")]
    for name, value in bad:
        body = assert_detail(api.upload(result, **{name: value}), 422)
        assert list(body["errors"]) == [name], (name, value)
    assert_nothing_stored(api, result)


def test_upload_is_422_when_file_or_type_is_missing(api):
    result = api.result()
    only_type = multipart([("artifact_type", None, None, b"log")])
    assert list(assert_detail(api.post_form(url(result), only_type), 422)["errors"]) == ["file"]
    assert list(assert_detail(api.upload(result, artifact_type=None), 422)["errors"]) == ["artifact_type"]
    other_name = multipart([("artifact_type", None, None, b"log"), ("files", "a.png", "image/png", png())])
    assert_detail(api.post_form(url(result), other_name), 422)
    nameless = multipart([("artifact_type", None, None, b"log"), ("file", "", "image/png", png())])
    assert_detail(api.post_form(url(result), nameless), 422)
    text = multipart([("artifact_type", None, None, b"log"), ("file", None, None, b"text")])
    assert_detail(api.post_form(url(result), text), 422)
    assert_nothing_stored(api, result)


def test_upload_is_422_when_a_field_comes_twice(api):
    result = api.result()
    shot, kind = ("file", "a.png", "image/png", png()), ("artifact_type", None, None, b"log")
    for parts in ([shot, kind, kind], [shot, shot, kind]):
        assert_detail(api.post_form(url(result), multipart(parts)), 422)
    assert_nothing_stored(api, result)


def test_field_is_422_when_it_is_no_utf_8(api):
    parts = [("artifact_type", None, None, b"log"), ("description", None, None, b"\xff"), ("file", "a.png", "image/png", png())]
    assert list(assert_detail(api.post_form(url(api.result()), multipart(parts)), 422)["errors"]) == ["description"]


def test_unknown_fields_are_ignored(api):
    assert api.upload(api.result(), colour="red").status_int == 201


def test_times_of_the_first_and_the_last_year_are_kept(api):
    for sent, kept in (("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"), ("9999-12-31T23:59:59.999", "9999-12-31T23:59:59.999Z")):
        artifact = api.upload(api.result(), captured_at=sent).json["id"]
        assert api.app.get(f"{BASE}/artifacts/{artifact}").json["captured_at"] == kept


def test_checksum_is_422_when_it_differs_and_taken_when_it_matches(api):
    result = api.result()
    right = hashlib.sha256(png()).hexdigest()
    for wrong in (right[:-1], "0" * 64, "", right[::-1], "sha256:" + right):
        assert_detail(api.upload(result, checksum=wrong), 422, "Checksum mismatch")
    assert_nothing_stored(api, result)
    assert api.upload(result, checksum=right).json["checksum"] == right
    assert api.upload(result, checksum=right.upper()).status_int == 201


def test_artifact_becomes_the_steps_screenshot_when_asked(api):
    result = api.result()
    (step_id,) = api.post_steps(result, [step(2)]).json["step_ids"]
    linked = api.upload(result, step_number=2, link_to_step="true").json
    assert linked["linked_step_id"] == step_id
    assert api.steps(result)["steps"][0]["screenshot"]["id"] == linked["id"]
    for fields in ({"step_number": 3}, {}):
        assert api.upload(result, link_to_step="true", **fields).json["linked_step_id"] is None
    assert "linked_step_id" not in api.upload(result, step_number=2, link_to_step="false").json
    assert api.steps(result)["steps"][0]["screenshot"]["id"] == linked["id"]


# types


def test_name_decides_when_no_type_is_declared(api):
    result = api.result()
    for name, data, mime in (
        ("a.png", png(), "image/png"), ("A.JPG", jpeg(), "image/jpeg"), ("a.jpeg", jpeg(), "image/jpeg"), ("a.gif", gif(), "image/gif"),
        ("a.har", b"{}", "application/json"), ("a.log", b"x", "text/plain"), ("a.htm", b"x", "text/html"), ("a.pdf", pdf(), "application/pdf"),
    ):  # fmt: skip
        for declared in (None, "application/octet-stream"):
            assert api.upload(result, data, name, declared).json["mime_type"] == mime


def test_declared_type_decides_whatever_case_parameters_or_name(api):
    result = api.result()
    for declared, mime in (("IMAGE/PNG", "image/png"), ("image/png; q=1", "image/png")):
        assert api.upload(result, png(), "a.pdf", declared).json["mime_type"] == mime


def test_upload_is_415_when_the_type_is_not_allowed(api):
    result = api.result()
    for name, declared, data in (
        ("a.exe", "application/x-msdownload", EXE), ("a.svg", "image/svg+xml", b"<svg/>"), ("a.zip", None, zipped()), ("a", None, b"x"),
        ("a.png", "text/csv", b"a,b"), ("a.unknown", "application/octet-stream", png()), ("a.webm", "video/webm", b"\x1a\x45\xdf\xa3"),
        ("a.webp", "image/webp", WEBP),
    ):  # fmt: skip
        assert_detail(api.upload(result, data, name, declared), 415, NOT_ALLOWED)
    assert_nothing_stored(api, result)


def test_upload_is_415_when_the_bytes_are_of_a_type_that_is_not_allowed(api):
    result = api.result()
    for declared in ("text/plain", "text/html", "application/json", "application/pdf"):
        for data in (ELF, EXE, zipped(), gzip.compress(b"x")):
            assert_detail(api.upload(result, data, "a.txt", declared), 415, NOT_ALLOWED)
    assert_detail(api.upload(result, WEBP), 415, NOT_ALLOWED)
    assert_nothing_stored(api, result)


def test_upload_is_422_when_the_bytes_are_another_allowed_type(api):
    result = api.result()
    for declared, data in (
        ("text/plain", png()), ("text/html", pdf()), ("application/json", gif()), ("application/pdf", png()), ("image/png", pdf()),
        ("image/png", b"text"), ("image/jpeg", b"{}"), ("image/gif", ELF), ("image/png", zipped()), ("application/pdf", b"text"),
    ):  # fmt: skip
        assert_detail(api.upload(result, data, "a.png", declared), 422, CORRUPTED)
    assert_nothing_stored(api, result)


def test_image_is_stored_under_its_real_type_when_another_image_was_declared(api):
    result = api.result()
    for declared, data, real in (("image/png", jpeg(), "image/jpeg"), ("image/jpeg", gif(), "image/gif"), ("image/gif", png(), "image/png")):
        response = api.upload(result, data, "shot.bmp", declared)
        assert response.json["mime_type"] == real
        assert path(api, response) == "screenshot" + GOOD[real][1]
        assert api.app.get(response.json["download_url"]).content_type == real


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/gif", "application/pdf", "application/json"])
def test_upload_is_422_when_the_file_is_cut_off(api, mime):
    result = api.result()
    data = GOOD[mime][0]
    for stop in {1, 3, len(data) // 2, len(data) - (8 if mime == "application/pdf" else 1)}:
        assert_detail(api.upload(result, data[:stop], "a", mime), 422, CORRUPTED)
    assert_nothing_stored(api, result)


def test_upload_is_422_when_the_file_is_damaged(api):
    result = api.result()
    shot = bytearray(png(noise=b"noise"))
    shot[50] ^= 1
    for declared, data in (
        ("image/png", bytes(shot)), ("image/png", png()[:-12]), ("application/json", b"{'a': 1}"), ("application/json", b"{} {}"),
        ("application/json", b" "), ("application/json", b'"\xff"'), ("application/json", b"NaN"), ("application/json", b"[1,]"),
        ("text/plain", b"\xff\xfe\xfd"), ("text/plain", b"a\0b"), ("text/plain", b"caf\xc3"), ("text/html", b"<p>\xe4</p>"),
    ):  # fmt: skip
        assert_detail(api.upload(result, data, "a", declared), 422, CORRUPTED)
    assert_nothing_stored(api, result)


def test_upload_is_422_when_the_file_is_empty(api):
    result = api.result()
    for mime in GOOD:
        assert_detail(api.upload(result, b"", "a", mime), 422, CORRUPTED)
    assert_nothing_stored(api, result)


def test_text_is_taken_when_it_is_utf_8_or_utf_16_whatever_its_charset(api):
    result = api.result()
    for declared, data in (
        ("text/plain", "ä".encode("utf-8-sig")), ("text/plain", "ä".encode("utf-16")), ("text/plain; charset=iso-8859-1", "ä".encode()),
        ("text/html; charset=windows-1252", b"<p>x</p>"), ("text/plain; charset=nonsense", b"x"), ("text/plain", b"MZ is how it begins"),
    ):  # fmt: skip
        response = api.upload(result, data, "a.txt", declared)
        assert response.status_int == 201, (declared, response.text)
        assert response.json["mime_type"] == declared.partition(";")[0]
        assert api.app.get(response.json["download_url"]).body == data
    stored = len(api.files())
    for declared, data in (("text/plain; charset=iso-8859-1", b"\xe4"), ("text/html; charset=windows-1252", b"<p>\x80</p>"), ("text/plain", b"\xe4\0")):
        assert_detail(api.upload(result, data, "a.txt", declared), 422, CORRUPTED)
    assert len(api.files()) == stored


@pytest.mark.ini(**{"artifact.allowed_types": "video/webm video/mp4 application/zip image/webp"})
def test_other_types_are_taken_when_the_setting_lists_them(api):
    result = api.result()
    webm = b"\x1a\x45\xdf\xa3" + b"\0" * 40
    mp4 = b"\0\0\0\x18ftypisom" + b"\0" * 40
    for name, declared, data, extension in (
        ("v.webm", "video/webm", webm, "video.webm"), ("v.webm", None, webm, "video_2.webm"), ("v.mp4", "video/mp4", mp4, "video.mp4"),
        ("trace.zip", "application/zip", zipped(), "video.zip"), ("a.webp", "image/webp", WEBP, "video.webp"),
    ):  # fmt: skip
        assert path(api, api.upload(result, data, name, declared, artifact_type="video")) == extension
    assert_detail(api.upload(result, b"text", "v.webm", "video/webm"), 422, CORRUPTED)
    assert_detail(api.upload(result, mp4, "v.zip", "application/zip"), 422, CORRUPTED)
    assert_detail(api.upload(result), 415, "File type not allowed. Allowed types: video/webm, video/mp4, application/zip, image/webp")


@pytest.mark.ini(**{"artifact.allowed_types": "text/plain"})
def test_upload_is_415_when_a_text_has_the_bytes_of_an_image_that_is_not_allowed(api):
    for data in (png(), jpeg(), pdf(), zipped(), ELF):
        assert_detail(api.upload(api.result(), data, "a.txt", "text/plain"), 415, "File type not allowed. Allowed types: text/plain")


# sizes


@pytest.mark.ini(**{"artifact.max_file_size": "1KB"})
def test_upload_is_413_when_the_file_is_one_byte_over_the_limit(api):
    result = api.result()
    assert_detail(api.upload(result, b"x" * 1025, "a.txt", "text/plain"), 413, "File size exceeds maximum allowed (1KB)")
    assert_detail(api.upload(result, b"x" * 3_000_000, "a.txt", "text/plain"), 413, "File size exceeds maximum allowed (1KB)")
    assert_nothing_stored(api, result)
    assert api.upload(result, b"x" * 1024, "a.txt", "text/plain").json["file_size"] == 1024


def test_upload_is_413_with_the_contracts_text_when_over_ten_megabytes(api):
    result = api.result()
    assert_detail(api.upload(result, b"x" * (10 * 2**20 + 1), "a.txt", "text/plain"), 413, "File size exceeds maximum allowed (10MB)")
    assert_nothing_stored(api, result)
    assert api.upload(result, b"x" * (10 * 2**20), "a.txt", "text/plain").status_int == 201


@pytest.mark.ini(**{"artifactsvc.max_field_size": "1KB"})
def test_upload_is_413_when_a_field_is_over_its_limit(api):
    result = api.result()
    assert_detail(api.upload(result, description="x" * 1025), 413)
    assert_nothing_stored(api, result)
    assert api.upload(result, description="x" * 1024).status_int == 201


# delete


def test_row_file_and_empty_folders_go_when_an_artifact_is_deleted(api):
    result = api.result()
    first, second = (api.upload(result, png(noise=noise), iteration_number=2).json for noise in (b"1", b"2"))
    assert api.app.delete(f"{BASE}/artifacts/{first['id']}", status=204).body == b""
    assert ["artifacts/" + name for name in api.files()] == [second["storage_path"]]
    for tail in ("", "/download"):
        assert_detail(api.app.get(f"{BASE}/artifacts/{first['id']}{tail}", expect_errors=True), 404, "Artifact not found")
    api.app.delete(f"{BASE}/artifacts/{second['id']}", status=204)
    assert (api.files(), api.folders(), api.artifacts(result)["total"]) == ([], [], 0)


def test_delete_is_404_when_the_artifact_is_unknown(api):
    artifact = api.upload(api.result()).json["id"]
    assert_detail(api.app.delete(f"{BASE}/artifacts/{UNKNOWN}", expect_errors=True), 404, "Artifact not found")
    api.app.delete(f"{BASE}/artifacts/{artifact.upper()}", status=204)
    assert_detail(api.app.delete(f"{BASE}/artifacts/{artifact}", expect_errors=True), 404, "Artifact not found")


def test_name_is_free_again_when_its_artifact_was_deleted(api):
    result = api.result()
    artifact = api.upload(result, step_number=1).json["id"]
    api.app.delete(f"{BASE}/artifacts/{artifact}")
    assert path(api, api.upload(result, step_number=1)) == "step_001.png"


# a row whose file is lost


def lose(api):
    for path in api.files():
        (api.storage / path).unlink()


def test_next_name_is_taken_when_the_file_of_an_earlier_artifact_is_lost(api):
    result = api.result()
    lost = [api.upload(result, png(noise=b"%d" % n), step_number=1).json for n in range(2)]
    lose(api)
    stored = api.upload(result, png(noise=b"new"), step_number=1, headers={"Idempotency-Key": "k"})
    assert stored.status_int == 201
    assert stored.json["storage_path"].endswith("/step_001_3.png")
    assert api.app.get(stored.json["download_url"]).body == png(noise=b"new")
    for artifact in lost:
        assert_detail(api.app.get(artifact["download_url"], expect_errors=True), 404)
    assert ["artifacts/" + path for path in api.files()] == [stored.json["storage_path"]]
    assert api.staged() == []


def test_whole_batch_is_stored_when_some_of_its_names_belong_to_lost_files(api, app):
    app.registry["file store"].use_names()
    result = api.result()
    api.batch(result, [("1.png", png()), ("2.png", png())])
    lose(api)
    stored = api.batch(result, [(f"{n}.png", png(noise=b"%d" % n)) for n in range(3)])
    assert stored.status_int == 201
    assert [path.rpartition("/")[2] for path in api.files()] == ["step_001_2.png", "step_002_2.png", "step_003.png"]
    for n, artifact in enumerate(stored.json["artifacts"]):
        assert api.app.get(artifact["download_url"]).body == png(noise=b"%d" % n)
    assert api.staged() == []
