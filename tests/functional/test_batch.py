"""/test-case-results/{id}/artifacts/batch: contract endpoint 4"""

import hashlib
import json

import pytest

from tests.api import BASE, assert_detail, gif, jpeg, multipart, png, step

CORRUPTED = "File corrupted or unreadable"
NOT_ALLOWED = "File type not allowed. Allowed types: image/png, image/jpeg, image/gif, application/json, text/plain, text/html, application/pdf"


def url(result):
    return f"{BASE}/test-case-results/{result}/artifacts/batch"


def item(index, **more):
    return {"file_index": index, "artifact_type": "screenshot", **more}


def shots(count):
    return [(f"step_{number:03d}.png", png(noise=b"%d" % number)) for number in range(1, count + 1)]


def assert_nothing_stored(api, result):
    assert api.artifacts(result)["total"] == 0
    assert (api.files(), api.staged()) == ([], [])


def test_answer_is_the_contracts_when_all_files_are_good(api):
    result = api.result()
    response = api.batch(result, shots(2))
    assert response.status_int == 201
    body = response.json
    assert (body["message"], body["failed"]) == ("Successfully uploaded 2 artifacts", [])
    assert body["artifacts"] == [
        {"id": stored["id"], "file_name": f"step_00{number}.png", "step_number": number, "download_url": f"{BASE}/artifacts/{stored['id']}/download"}
        for number, stored in enumerate(body["artifacts"], 1)
    ]
    assert [api.app.get(stored["download_url"]).body for stored in body["artifacts"]] == [data for _, data in shots(2)]


def test_answer_is_the_contracts_207_when_one_file_is_bad(api):
    result = api.result()
    response = api.batch(result, [shots(1)[0], ("step_002.png", b"damaged")])
    assert response.status_int == 207
    body = response.json
    assert body["message"] == "Uploaded 1 of 2 artifacts"
    assert [stored["file_name"] for stored in body["artifacts"]] == ["step_001.png"]
    assert body["failed"] == [{"file_index": 1, "file_name": "step_002.png", "error": CORRUPTED}]
    assert api.artifacts(result)["total"] == len(api.files()) == 1


def test_answer_is_207_when_every_file_is_bad(api):
    result = api.result()
    response = api.batch(result, [("a.png", b"x"), ("b.png", b"")])
    assert response.status_int == 207
    assert (response.json["message"], response.json["artifacts"]) == ("Uploaded 0 of 2 artifacts", [])
    assert [failed["file_index"] for failed in response.json["failed"]] == [0, 1]
    assert_nothing_stored(api, result)


@pytest.mark.ini(**{"artifact.max_file_size": "1KB"})
def test_each_bad_file_says_what_is_wrong_and_the_good_ones_are_stored(api):
    result = api.result()
    files = [
        ("0.png", png()),
        ("1.exe", "application/x-msdownload", b"MZ"),
        ("2.txt", "text/plain", b"x" * 1025),
        ("3.png", png()[:-1]),
        ("4.png", b""),
        ("5.txt", "text/plain", b"\x7fELF\0"),
        ("6.txt", "text/plain", png()),
        ("7.png", png(noise=b"7")),
        ("8.txt", "text/plain", b"x" * 1024),
        ("9.json", "application/json", b"{"),
    ]
    response = api.batch(result, files)
    assert response.status_int == 207
    assert response.json["message"] == "Uploaded 3 of 10 artifacts"
    too_large = "File size exceeds maximum allowed (1KB)"
    errors = {1: NOT_ALLOWED, 2: too_large, 3: CORRUPTED, 4: CORRUPTED, 5: NOT_ALLOWED, 6: CORRUPTED, 9: CORRUPTED}
    assert response.json["failed"] == [{"file_index": index, "file_name": files[index][0], "error": error} for index, error in errors.items()]
    assert [stored["file_name"] for stored in response.json["artifacts"]] == ["0.png", "7.png", "8.txt"]
    assert len(api.files()) == 3


def test_metadata_of_one_item_fails_that_file_only(api):
    result = api.result()
    wrong = [
        {"step_number": 0}, {"step_number": -1}, {"step_number": "1"}, {"step_number": 1.0}, {"step_number": True}, {"step_number": 2**31},
        {"iteration_number": 0}, {"iteration_number": "2"}, {"artifact_type": "image"}, {"artifact_type": None}, {"artifact_type": 1},
        {"artifact_category": "During"}, {"captured_at": "2016-12-31T23:59:60Z"}, {"captured_at": 1}, {"description": 1}, {"description": "a\0"},
        {"description": "\ud800"}, {"link_to_step": "true"}, {"link_to_step": 1}, {"checksum": "0" * 64}, {"checksum": 1},
    ]  # fmt: skip
    metadata = [item(index, **more) for index, more in enumerate(wrong)] + [item(len(wrong))]
    response = api.batch(result, shots(len(metadata)), metadata)
    assert response.status_int == 207
    assert len(response.json["artifacts"]) == api.artifacts(result)["total"] == 1
    for failed, more in zip(response.json["failed"], wrong, strict=True):
        assert failed["error"] == "Checksum mismatch" if more == {"checksum": "0" * 64} else failed["error"].startswith(f"{next(iter(more))}: ")


def test_file_without_metadata_fails_alone(api):
    result = api.result()
    response = api.batch(result, shots(3), [item(2), item(0)])
    assert response.status_int == 207
    assert [failed["file_index"] for failed in response.json["failed"]] == [1]
    assert [stored["file_name"] for stored in response.json["artifacts"]] == ["step_001.png", "step_003.png"]
    assert api.batch(result, shots(2), []).json["message"] == "Uploaded 0 of 2 artifacts"


def test_items_may_come_in_any_order_and_with_unknown_keys(api):
    result = api.result()
    response = api.batch(result, shots(3), [item(2, step_number=3), item(0, step_number=1, colour="red"), item(1, step_number=2)])
    assert response.status_int == 201
    assert [(stored["file_name"], stored["step_number"]) for stored in response.json["artifacts"]] == [(f"step_00{n}.png", n) for n in (1, 2, 3)]


def test_metadata_may_come_before_between_or_after_the_files(api):
    result = api.result()
    metadata = ("metadata", None, "application/json", json.dumps([item(0), item(1)]).encode())
    files = [("files", name, "image/png", data) for name, data in shots(2)]
    for parts in ([metadata, *files], [files[0], metadata, files[1]], [*files, metadata]):
        assert api.post_form(url(result), multipart(parts)).status_int == 201
    as_file = ("metadata", "metadata.json", "application/json", metadata[3])
    assert api.post_form(url(result), multipart([*files, as_file])).status_int == 201


def test_batch_is_400_when_metadata_is_no_json_array_of_objects(api):
    result = api.result()
    for text in (b"", b"x", b"{}", b"null", b"1", b'"[]"', b"[1]", b"[null]", b"[[]]", b'[{"file_index": 0},', b"[NaN]", b'[{"file_index": 0}, 1]'):
        assert_detail(api.batch(result, shots(1), text), 400)
    assert_nothing_stored(api, result)


def test_batch_is_422_as_a_whole_when_a_file_index_is_wrong(api):
    result = api.result()
    for bad in (2, -1, 2**31, 2**64, "0", 0.0, True, None, [0], 1):
        body = assert_detail(api.batch(result, shots(2), [item(1), item(bad)]), 422)
        assert list(body["errors"]) == ["metadata.1.file_index"], bad
    body = assert_detail(api.batch(result, shots(1), [{"artifact_type": "screenshot"}]), 422)
    assert list(body["errors"]) == ["metadata.0.file_index"]
    assert_nothing_stored(api, result)


def test_batch_is_422_when_files_or_metadata_are_missing_or_doubled(api):
    result = api.result()
    metadata, shot = ("metadata", None, None, json.dumps([item(0)]).encode()), ("files", "a.png", "image/png", png())
    for parts, name in (([metadata], "files"), ([shot], "metadata"), ([shot, metadata, metadata], "metadata"), ([metadata, ("file", *shot[1:])], "files")):
        body = assert_detail(api.post_form(url(result), multipart(parts)), 422)
        assert list(body["errors"]) == [name]
    assert_nothing_stored(api, result)


def test_batch_takes_fifty_files_and_is_413_with_one_more(api):
    result = api.result()
    assert_detail(api.batch(result, shots(51)), 413, "Too many files: maximum 50 per batch")
    assert_detail(api.batch(result, shots(300)), 413, "Too many files: maximum 50 per batch")
    assert_nothing_stored(api, result)
    assert api.batch(result, shots(50)).json["message"] == "Successfully uploaded 50 artifacts"
    assert [stored["step_number"] for stored in api.artifacts(result)["items"]] == list(range(1, 51))


@pytest.mark.ini(**{"artifact.batch_max_files": "2"})
def test_number_of_files_is_the_settings(api):
    result = api.result()
    assert_detail(api.batch(result, shots(3)), 413, "Too many files: maximum 2 per batch")
    assert api.batch(result, shots(2)).status_int == 201


def test_every_field_of_an_item_is_stored(api):
    result = api.result()
    more = {
        "artifact_type": "log", "step_number": 7, "iteration_number": 3, "artifact_category": "error", "description": "  ä𝄞 ",
        "captured_at": "2026-01-24T12:00:01.250+01:00", "checksum": hashlib.sha256(b"log").hexdigest().upper(),
    }  # fmt: skip
    (stored,) = api.batch(result, [("a.log", "text/plain", b"log")], [item(0, **more)]).json["artifacts"]
    shown = api.app.get(f"{BASE}/artifacts/{stored['id']}").json
    assert {name: shown[name] for name in more} == {**more, "captured_at": "2026-01-24T11:00:01.250Z", "checksum": more["checksum"].lower()}
    assert shown["storage_path"].endswith(f"/{result}/iteration_003/step_007_error.txt")


def test_names_in_one_batch_get_the_next_number_when_they_are_equal(api):
    result = api.result()
    api.batch(result, [("a.png", png()), ("a.png", jpeg()), ("a.png", gif()), ("a.png", png())], [item(index, step_number=1) for index in range(4)])
    names = [name.rpartition("/")[2] for name in api.files()]
    assert names == ["step_001.gif", "step_001.jpg", "step_001.png", "step_001_2.png"]


def test_artifact_becomes_the_steps_screenshot_when_asked(api):
    result = api.result()
    ids = api.post_steps(result, [step(1), step(2), step(3)]).json["step_ids"]
    metadata = [item(0, step_number=1, link_to_step=True), item(1, step_number=2), item(2, step_number=9, link_to_step=True), item(3, link_to_step=True)]
    stored = api.batch(result, shots(4), metadata).json["artifacts"]
    assert [one.get("linked_step_id", "absent") for one in stored] == [ids[0], "absent", None, None]
    shown = [one["screenshot"] and one["screenshot"]["id"] for one in api.steps(result)["steps"]]
    assert shown == [stored[0]["id"], None, None]


def test_step_keeps_its_screenshot_when_the_file_that_should_be_it_is_bad(api):
    result = api.result()
    api.post_steps(result, [step(1)])
    first = api.upload(result, step_number=1, link_to_step="true").json["id"]
    assert api.batch(result, [("a.png", b"bad")], [item(0, step_number=1, link_to_step=True)]).status_int == 207
    assert api.steps(result)["steps"][0]["screenshot"]["id"] == first


def test_batch_is_400_and_stores_nothing_when_it_is_cut_off(api):
    result = api.result()
    body = multipart([("metadata", None, None, json.dumps([item(0), item(1)]).encode()), *[("files", name, "image/png", data) for name, data in shots(2)]])
    for stop in (0, 10, len(body) // 2, len(body) - 200, len(body) - 6):
        assert_detail(api.post_form(url(result), body[:stop]), 400)
    assert_nothing_stored(api, result)


def test_the_good_file_is_stored_when_another_has_a_number_beyond_reach(api):
    result = api.result()
    files = [("shot.png", png()), ("a.json", "application/json", b"[1e99999999999999999999]")]
    metadata = [{"file_index": index, "artifact_type": "other"} for index in range(2)]
    response = api.batch(result, files, metadata)
    assert response.status_int == 207, response.text
    assert [item["file_index"] for item in response.json["failed"]] == [1]
    assert len(api.files()) == 1
