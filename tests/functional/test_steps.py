"""/test-case-results/{id}/steps and /steps/{id}: contract endpoints 1, 2 and 8"""

import pytest

from tests.api import BASE, UNKNOWN, assert_detail, new_uuid, png, step

TYPES = (
    "click", "type", "assert", "navigate", "wait", "screenshot", "scroll", "select", "hover", "drag_drop", "execute_script", "switch_frame",
    "switch_window", "accept_alert", "dismiss_alert", "upload_file",
)  # fmt: skip
FULL = {
    "step_number": 3,
    "step_type": "click",
    "action": "Click Login Button",
    "description": "Clicking the submit button",
    "status": "Failed",
    "duration_ms": 5000,
    "element_selector": "button[type='submit']",
    "element_name": "Login Button",
    "element_type": "button",
    "input_value": "in",
    "expected_value": "expected",
    "actual_value": "actual",
    "error_message": "Element not clickable: obscured by overlay",
    "error_type": "ElementClickInterceptedException",
    "stack_trace": "Traceback (most recent call last):\n  File...",
    "started_at": "2026-01-24T12:00:01.600Z",
    "completed_at": "2026-01-24T12:00:06.600Z",
}
LIMITS = {"action": 100, "element_name": 255, "element_type": 50, "error_type": 100}
TEXTS = (*LIMITS, "description", "element_selector", "input_value", "expected_value", "actual_value", "error_message", "stack_trace")
BAD_INTEGERS = ("1", 1.0, True, False, 1.5, 2**31, 2**63, 2**64, -1, 10**30, [1], {})


def bad_fields():
    yield from (("step_number", value) for value in (*BAD_INTEGERS, 0, None))
    yield from (("duration_ms", value) for value in BAD_INTEGERS)
    yield from (("step_type", value) for value in ("Click", "", "tap", None, 1, ["click"], "click "))
    yield from (("status", value) for value in ("passed", "", "Broken", 1, True, ["Passed"]))
    yield from ((name, "x" * (limit + 1)) for name, limit in LIMITS.items())
    yield from ((name, value) for name in TEXTS for value in ("a\0", "\ud800", 1, True, {}))
    yield from (("screenshot_artifact_id", value) for value in ("x", "", 1, UNKNOWN[:-1], UNKNOWN))
    yield from ((name, "2016-12-31T23:59:60Z") for name in ("started_at", "completed_at"))


def url(result):
    return f"{BASE}/test-case-results/{result}/steps"


# POST


def test_answer_is_the_contracts_when_steps_are_posted(api):
    result = api.result()
    body = api.post_steps(result, [step(1), step(2), step(3)], status=201).json
    assert set(body) == {"message", "step_ids", "test_case_result_id"}
    assert body["message"] == "Successfully created 3 step results"
    assert body["test_case_result_id"] == result
    assert len(set(body["step_ids"])) == 3


def test_step_ids_come_in_the_order_sent_and_steps_are_listed_by_number(api):
    result = api.result()
    ids = api.post_steps(result, [step(5), step(1), step(3)]).json["step_ids"]
    listed = api.steps(result)["steps"]
    assert [item["step_number"] for item in listed] == [1, 3, 5]
    assert [item["id"] for item in listed] == [ids[1], ids[2], ids[0]]


def test_every_field_comes_back_as_sent(api):
    result = api.result()
    (step_id,) = api.post_steps(result, [FULL]).json["step_ids"]
    (listed,) = api.steps(result)["steps"]
    assert listed == {**FULL, "id": step_id, "screenshot": None, "artifacts": []}
    shown = api.app.get(f"{BASE}/steps/{step_id}").json
    assert {name: shown[name] for name in FULL} == FULL
    assert (shown["test_case_result_id"], shown["screenshot_artifact_id"]) == (result, None)


def test_other_columns_are_null_and_status_pending_when_only_number_and_type_are_sent(api):
    result = api.result()
    api.post_steps(result, [step(1)])
    (listed,) = api.steps(result)["steps"]
    assert set(listed) == {*FULL, "id", "screenshot", "artifacts"}
    assert {name: value for name, value in listed.items() if value is not None} == {**step(1), "id": listed["id"], "status": "Pending", "artifacts": []}


def test_null_means_absent_when_a_field_is_optional(api):
    result = api.result()
    api.post_steps(result, [{**dict.fromkeys(FULL), **step(1), "screenshot_artifact_id": None}], status=201)
    assert api.steps(result)["steps"][0]["status"] == "Pending"


def test_all_types_statuses_and_limits_are_taken(api):
    result = api.result()
    steps = [step(2147483647 - number, step_type=name) for number, name in enumerate(TYPES)]
    steps += [step(number, status=name) for number, name in enumerate(("Passed", "Failed", "Skipped", "Pending"), 1)]
    steps.append(step(10, duration_ms=0, **{name: "𝄞" * limit for name, limit in LIMITS.items()}))
    steps.append(step(11, duration_ms=2147483647, **dict.fromkeys(TEXTS, " \t\n")))
    api.post_steps(result, steps, status=201)
    listed = {item["step_number"]: item for item in api.steps(result)["steps"]}
    assert all(listed[sent["step_number"]][name] == value for sent in steps for name, value in sent.items())


def test_unknown_keys_are_ignored(api):
    result = api.result()
    api.app.post_json(url(result), {"steps": [step(1, id=UNKNOWN, colour="\ud800", created_at="x", test_case_result_id=UNKNOWN)], "more": 1}, status=201)
    listed = api.steps(result)
    assert (listed["test_case_result_id"], listed["steps"][0]["id"] == UNKNOWN) == (result, False)


def test_post_is_422_names_the_field_and_stores_nothing_when_a_field_is_wrong(api):
    result = api.result()
    for name, value in bad_fields():
        body = assert_detail(api.post_steps(result, [step(1), step(2, **{name: value})], expect_errors=True), 422)
        assert list(body["errors"]) == [f"steps.1.{name}"], (name, value, body)
        assert body["detail"] == f"steps.1.{name}: {body['errors'][f'steps.1.{name}']}"
    assert api.steps(result)["total_steps"] == 0


def test_put_is_422_and_changes_nothing_when_a_field_is_wrong(api):
    result = api.result()
    api.post_steps(result, [FULL])
    before = api.steps(result)
    for name, value in bad_fields():
        assert_detail(api.put_steps(result, [step(9, **{name: value})], expect_errors=True), 422)
    assert api.steps(result) == before


@pytest.mark.parametrize("method", ["post_steps", "put_steps"])
def test_answer_is_422_when_the_steps_are_no_array_of_objects(api, method):
    result = api.result()
    for steps in ([], {}, None, "x", 1, [1], [None], [[]], [{}], [step(1), step(1)]):
        assert_detail(getattr(api, method)(result, steps, expect_errors=True), 422)
    send = api.app.post_json if method == "post_steps" else api.app.put_json
    for body in ({}, [], [step(1)], None, "steps", 1):
        assert_detail(send(url(result), body, expect_errors=True), 422)
    assert api.steps(result)["steps"] == []


def test_number_that_repeats_is_named_when_it_is_422(api):
    body = assert_detail(api.post_steps(api.result(), [step(1), step(2), step(1)], expect_errors=True), 422)
    assert list(body["errors"]) == ["steps.2.step_number"]


def test_post_is_409_and_changes_nothing_when_there_are_steps(api):
    result = api.result()
    api.post_steps(result, [FULL])
    before = api.steps(result)
    for steps in ([FULL], [step(7)]):
        assert_detail(api.post_steps(result, steps, expect_errors=True), 409, "Steps already exist for this test case. Use PUT to update.")
    assert api.steps(result) == before


def test_post_takes_a_screenshot_of_the_same_result_only(api):
    result, other = api.result(), api.result()
    own, foreign = api.upload(result).json["id"], api.upload(other).json["id"]
    body = assert_detail(api.post_steps(result, [step(1, screenshot_artifact_id=foreign)], expect_errors=True), 422)
    assert list(body["errors"]) == ["steps.0.screenshot_artifact_id"]
    api.post_steps(result, [step(1, screenshot_artifact_id=own.upper())], status=201)
    assert api.steps(result)["steps"][0]["screenshot"]["id"] == own


@pytest.mark.ini(**{"artifactsvc.max_steps": "3"})
def test_answer_is_422_when_there_are_more_steps_than_the_setting_allows(api):
    result = api.result()
    for send in (api.post_steps, api.put_steps):
        assert list(assert_detail(send(result, [step(n) for n in range(1, 5)], expect_errors=True), 422)["errors"]) == ["steps"]
    api.post_steps(result, [step(n) for n in range(1, 4)], status=201)


def test_ten_thousand_steps_are_taken_and_one_more_is_422(api):
    result = api.result()
    steps = [step(number) for number in range(10001, 0, -1)]
    assert_detail(api.post_steps(result, steps, expect_errors=True), 422)
    ids = api.post_steps(result, steps[1:], status=201).json["step_ids"]
    listed = api.steps(result, "?include_artifacts=false")
    assert (listed["total_steps"], [item["id"] for item in listed["steps"]] == ids[::-1]) == (10000, True)


@pytest.mark.ini(**{"artifactsvc.step_types": "click tap"})
def test_step_types_are_those_of_the_setting(api):
    result = api.result()
    assert_detail(api.post_steps(result, [step(1, step_type="hover")], expect_errors=True), 422)
    api.post_steps(result, [step(1, step_type="tap"), step(2)], status=201)


# PUT


def test_put_creates_the_set_where_there_was_none(api):
    result = api.result()
    body = api.put_steps(result, [step(2), step(1)], status=200).json
    assert body == {"message": "Successfully updated 2 step results", "step_ids": body["step_ids"], "test_case_result_id": result}
    assert [item["id"] for item in api.steps(result)["steps"]] == body["step_ids"][::-1]
    assert_detail(api.post_steps(result, [step(1)], expect_errors=True), 409)


def test_put_replaces_the_whole_set_and_keeps_ids_by_number(api):
    result = api.result()
    first = api.post_steps(result, [{**FULL, "step_number": number} for number in (1, 2, 3)]).json["step_ids"]
    body = api.put_steps(result, [step(4), step(3, status="Passed"), step(1)]).json
    assert body["message"] == "Successfully updated 3 step results"
    assert body["step_ids"][1:] == [first[2], first[0]]
    listed = api.steps(result)
    assert [(item["step_number"], item["status"], item["action"]) for item in listed["steps"]] == [
        (1, "Pending", None),
        (3, "Passed", None),
        (4, "Pending", None),
    ]
    assert_detail(api.app.get(f"{BASE}/steps/{first[1]}", expect_errors=True), 404, "Step not found")


def test_put_keeps_the_screenshot_unless_the_body_names_one(api):
    result = api.result()
    one, two = (api.upload(result, png(noise=noise)).json["id"] for noise in (b"1", b"2"))
    api.post_steps(result, [step(number, screenshot_artifact_id=one) for number in (1, 2, 3)])
    api.put_steps(result, [step(1), step(2, screenshot_artifact_id=two), step(3, screenshot_artifact_id=None)])
    shots = [item["screenshot"] and item["screenshot"]["id"] for item in api.steps(result)["steps"]]
    assert shots == [one, two, None]


def test_put_is_422_when_the_screenshot_is_another_results(api):
    result = api.result()
    foreign = api.upload(api.result()).json["id"]
    api.post_steps(result, [FULL])
    before = api.steps(result)
    body = assert_detail(api.put_steps(result, [step(3, screenshot_artifact_id=foreign)], expect_errors=True), 422)
    assert list(body["errors"]) == ["steps.0.screenshot_artifact_id"]
    assert api.steps(result) == before


def test_created_at_stays_when_a_step_is_put_again(api):
    result = api.result()
    (step_id,) = api.post_steps(result, [step(1)]).json["step_ids"]
    created = api.app.get(f"{BASE}/steps/{step_id}").json["created_at"]
    api.put_steps(result, [step(1)])
    assert api.app.get(f"{BASE}/steps/{step_id}").json["created_at"] == created


# GET


def test_counts_describe_the_whole_test_case_whatever_the_filter(api):
    result = api.result()
    statuses = ["Passed"] * 4 + ["Failed"] * 3 + ["Skipped"] * 2 + ["Pending"]
    api.post_steps(result, [step(number, status=status) for number, status in enumerate(statuses, 1)])
    counts = {"total_steps": 10, "passed_steps": 4, "failed_steps": 3, "skipped_steps": 2, "pending_steps": 1}
    for status in (None, "Passed", "Failed", "Skipped", "Pending"):
        body = api.steps(result, f"?status={status}" if status else "")
        assert set(body) == {"test_case_result_id", "steps", *counts}
        assert {name: body[name] for name in counts} == counts
        assert [item["status"] for item in body["steps"]] == [name for name in statuses if status in (None, name)]


def test_steps_are_an_empty_list_when_there_are_none(api):
    result = api.result()
    counts = dict.fromkeys(("total_steps", "passed_steps", "failed_steps", "skipped_steps", "pending_steps"), 0)
    assert api.steps(result) == {"test_case_result_id": result, **counts, "steps": []}


def test_filter_is_422_when_its_value_is_unknown(api):
    result = api.result()
    for name, values in (("status", ("passed", "", "x", "Passed%20")), ("include_artifacts", ("1", "0", "yes", "", "True%20", "null"))):
        for value in values:
            body = assert_detail(api.app.get(f"{url(result)}?{name}={value}", expect_errors=True), 422)
            assert list(body["errors"]) == [name]


def test_steps_carry_their_screenshot_and_artifacts_unless_told_not_to(api):
    result = api.result()
    artifacts = [api.upload(result, png(noise=b"%d" % n), f"{n}.png", step_number=1, artifact_category="after").json for n in range(3)]
    api.upload(result, step_number=7)
    api.upload(result)
    api.post_steps(result, [step(1, screenshot_artifact_id=artifacts[1]["id"]), step(2)])
    for query in ("", "?include_artifacts=true"):
        first, second = api.steps(result, query)["steps"]
        shot = artifacts[1]
        assert first["screenshot"] == {"id": shot["id"], "url": shot["download_url"], "file_name": "1.png", "file_size": shot["file_size"]}
        assert first["artifacts"] == api.artifacts(result, "?step_number=1")["items"]
        assert [item["id"] for item in first["artifacts"]] == [item["id"] for item in artifacts]
        assert (second["screenshot"], second["artifacts"]) == (None, [])
    for item in api.steps(result, "?include_artifacts=false")["steps"]:
        assert set(item) == {*FULL, "id"}


# one step


def test_step_links_and_unlinks_a_screenshot_when_patched(api):
    result = api.result()
    artifact = api.upload(result).json["id"]
    (step_id,) = api.post_steps(result, [step(4)]).json["step_ids"]
    for sent, linked in ((artifact, artifact), (None, None), (artifact.upper(), artifact)):
        body = api.app.patch_json(f"{BASE}/steps/{step_id}", {"screenshot_artifact_id": sent}, status=200).json
        assert body == {"id": step_id, "step_number": 4, "screenshot_artifact_id": linked, "message": "Step updated successfully"}
        assert api.app.get(f"{BASE}/steps/{step_id}").json["screenshot_artifact_id"] == linked


def test_patch_changes_nothing_when_empty(api):
    result = api.result()
    artifact = api.upload(result).json["id"]
    (step_id,) = api.post_steps(result, [step(1, screenshot_artifact_id=artifact)]).json["step_ids"]
    for body in ({}, {"status": "Failed"}):
        assert api.app.patch_json(f"{BASE}/steps/{step_id}", body, status=200).json["screenshot_artifact_id"] == artifact
    shown = api.app.get(f"{BASE}/steps/{step_id}").json
    assert (shown["screenshot_artifact_id"], shown["status"]) == (artifact, "Pending")


def test_patch_is_refused_when_the_artifact_is_not_this_results(api):
    result = api.result()
    own, foreign = api.upload(result).json["id"], api.upload(api.result()).json["id"]
    (step_id,) = api.post_steps(result, [step(1, screenshot_artifact_id=own)]).json["step_ids"]

    def patch(value):
        return api.app.patch_json(f"{BASE}/steps/{step_id}", {"screenshot_artifact_id": value}, expect_errors=True)

    assert_detail(patch(UNKNOWN), 404, "Artifact not found")
    assert_detail(patch(new_uuid()), 404, "Artifact not found")
    for value in (foreign, "x", "", 1, True, [own], own.replace("-", "")):
        assert list(assert_detail(patch(value), 422)["errors"]) == ["screenshot_artifact_id"]
    assert api.app.get(f"{BASE}/steps/{step_id}").json["screenshot_artifact_id"] == own


def test_step_shows_no_screenshot_when_its_artifact_is_deleted(api):
    result = api.result()
    artifact = api.upload(result).json["id"]
    (step_id,) = api.post_steps(result, [step(1, screenshot_artifact_id=artifact)]).json["step_ids"]
    api.app.delete(f"{BASE}/artifacts/{artifact}")
    assert api.app.get(f"{BASE}/steps/{step_id}").json["screenshot_artifact_id"] is None
    assert api.steps(result)["steps"][0]["screenshot"] is None
