"""Idempotency-Key on any POST"""

import json

import pytest

from tests.api import BASE, assert_detail, multipart, png, step

KEY = {"Idempotency-Key": "key-1"}
RESULTS = f"{BASE}/test-case-results"
RUNS = f"{BASE}/test-runs"


def assert_same(first, second):
    assert (second.status_int, second.body, second.content_type) == (first.status_int, first.body, "application/json")
    assert second.headers.get("Location") == first.headers.get("Location")


@pytest.mark.parametrize("url", [RUNS, RESULTS])
def test_first_answer_comes_again_when_a_thing_is_created_twice(api, url):
    first = api.app.post_json(url, {"name": "ä"}, headers=KEY, status=201)
    for _ in range(2):
        assert_same(first, api.app.post_json(url, {"name": "ä"}, headers=KEY))
    assert api.app.get(url).json["total"] == 1


def test_first_answer_comes_again_when_steps_are_posted_twice(api):
    result = api.result()
    first = api.post_steps(result, [step(1), step(2)], headers=KEY, status=201)
    assert_same(first, api.post_steps(result, [step(1), step(2)], headers=KEY))
    assert api.steps(result)["total_steps"] == 2
    assert_detail(api.post_steps(result, [step(1), step(2)], expect_errors=True), 409)


def test_first_answer_comes_again_when_a_file_is_uploaded_twice(api):
    result = api.result()
    first = api.upload(result, step_number=1, headers=KEY)
    assert first.status_int == 201
    assert_same(first, api.upload(result, step_number=1, headers=KEY))
    assert api.artifacts(result)["total"] == len(api.files()) == 1
    assert api.staged() == []


@pytest.mark.parametrize("second", [png(noise=b"2"), b"damaged"], ids=["good", "bad"])
def test_first_answer_comes_again_when_a_batch_is_uploaded_twice(api, second):
    result = api.result()
    files = [("1.png", png()), ("2.png", second)]
    first = api.batch(result, files, headers=KEY)
    assert_same(first, api.batch(result, files, headers=KEY))
    assert first.status_int == (207 if second == b"damaged" else 201)
    assert api.artifacts(result)["total"] == len(api.files()) == len(first.json["artifacts"])


def test_boundary_does_not_matter_when_the_content_is_the_same(api):
    result = api.result()
    parts = [("artifact_type", None, None, b"log"), ("file", "a.txt", "text/plain", b"x")]
    url = f"{RESULTS}/{result}/artifacts"
    first, second = (api.post_form(url, multipart(parts, boundary), KEY, f"multipart/form-data; boundary={boundary}") for boundary in ("one", "two"))
    assert first.status_int == 201
    assert_same(first, second)


def test_request_is_422_when_its_key_was_used_for_another(api):
    result, other = api.result(), api.result()
    api.upload(result, step_number=1, headers=KEY)
    for response in (
        api.upload(result, step_number=2, headers=KEY),
        api.upload(result, png(noise=b"2"), step_number=1, headers=KEY),
        api.upload(result, name="other.png", step_number=1, headers=KEY),
        api.upload(other, step_number=1, headers=KEY),
        api.batch(result, [("shot.png", png())], headers=KEY),
        api.post_steps(result, [step(1)], headers=KEY, expect_errors=True),
        api.app.post_json(RUNS, {"name": "n"}, headers=KEY, expect_errors=True),
    ):
        assert_detail(response, 422)
    assert (api.artifacts(result)["total"], api.artifacts(other)["total"], api.steps(result)["total_steps"]) == (1, 0, 0)
    assert (len(api.files()), api.staged()) == (1, [])


def test_json_is_422_when_its_key_was_used_for_another(api):
    api.app.post_json(RESULTS, {"name": "a"}, headers=KEY)
    assert_detail(api.app.post_json(RESULTS, {"name": "b"}, headers=KEY, expect_errors=True), 422)
    assert_detail(api.app.post_json(RUNS, {"name": "a"}, headers=KEY, expect_errors=True), 422)


def test_requests_are_two_when_their_keys_differ(api):
    for key in ("a", "A", "x" * 255, "!~"):
        api.app.post_json(RUNS, {"name": "n"}, headers={"Idempotency-Key": key}, status=201)
    assert api.app.get(RUNS).json["total"] == 4


def test_request_is_422_when_its_key_is_no_key(api):
    for key in ("", " ", "a b", "x" * 256, "ä".encode().decode("latin-1"), "a\tb"):
        body = assert_detail(api.app.post_json(RUNS, {"name": "n"}, headers={"Idempotency-Key": key}, expect_errors=True), 422)
        assert list(body["errors"]) == ["Idempotency-Key"]
    assert api.app.get(RUNS).json["total"] == 0


def test_key_stays_free_when_its_request_stored_nothing(api):
    result = api.result()
    assert_detail(api.upload(result, b"damaged", headers=KEY), 422)
    assert_detail(api.app.post_json(RUNS, {"name": ""}, headers=KEY, expect_errors=True), 422)
    assert api.upload(result, headers=KEY).status_int == 201
    assert api.artifacts(result)["total"] == 1


def test_answer_comes_again_after_the_thing_was_deleted(api):
    first = api.app.post_json(RUNS, {"name": "n"}, headers=KEY)
    api.app.delete(f"{RUNS}/{first.json['id']}")
    assert_same(first, api.app.post_json(RUNS, {"name": "n"}, headers=KEY))
    assert api.app.get(RUNS).json["total"] == 0


def test_other_methods_take_no_notice_of_the_key(api):
    result = api.result()
    for number in (1, 2):
        api.put_steps(result, [step(number)], headers=KEY, status=200)
    assert [one["step_number"] for one in api.steps(result)["steps"]] == [2]
    run = api.run()
    for name in ("a", "b"):
        assert api.app.patch_json(f"{RUNS}/{run}", {"name": name}, headers=KEY).json["name"] == name


def test_links_are_answered_again_when_the_steps_came_later(api):
    result = api.result()
    metadata = [{"file_index": 0, "artifact_type": "screenshot", "step_number": 1, "link_to_step": True}]
    first = api.batch(result, [("1.png", png())], metadata, headers=KEY)
    api.post_steps(result, [step(1)])
    assert_same(first, api.batch(result, [("1.png", png())], json.dumps(metadata).encode(), headers=KEY))
    assert api.steps(result)["steps"][0]["screenshot"] is None
