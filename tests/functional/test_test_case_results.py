"""/test-case-results and /test-case-results/{id}"""

from tests.api import BASE, UNKNOWN, assert_detail, new_uuid, step

RESULTS = f"{BASE}/test-case-results"
COLUMNS = {
    "id", "test_run_id", "name", "full_name", "suite", "status", "duration_ms", "error_message", "error_type", "started_at", "completed_at",
    "created_at",
}  # fmt: skip
FULL = {
    "name": "test_ok",
    "full_name": "tests/test_login.py::test_ok",
    "suite": "login",
    "status": "Failed",
    "duration_ms": 2147483647,
    "error_message": "boom\nline two",
    "error_type": "AssertionError",
    "started_at": "2026-01-24T12:00:00.000Z",
    "completed_at": "2026-01-24T12:00:01.250Z",
}
BAD_FIELDS = [
    ("name", ""), ("name", None), ("name", 1), ("name", "x" * 501), ("name", "a\0b"), ("name", "\udc80"), ("full_name", "a\0"),
    ("full_name", 1), ("suite", []), ("status", "failed"), ("status", "Broken"), ("status", True), ("duration_ms", -1), ("duration_ms", 2**31),
    ("duration_ms", "1"), ("duration_ms", 1.0), ("duration_ms", True), ("duration_ms", 2**64), ("duration_ms", 10**400), ("error_type", "x" * 101),
    ("error_message", 5), ("error_message", "\0"), ("test_run_id", "x"), ("test_run_id", 1), ("test_run_id", ""), ("test_run_id", UNKNOWN),
    ("started_at", ""), ("completed_at", "24.01.2026"),
]  # fmt: skip
TIMES = {
    "2026-01-24T12:00:00": "2026-01-24T12:00:00.000Z",
    "2026-01-24 12:00:00Z": "2026-01-24T12:00:00.000Z",
    "2026-01-24T12:00Z": "2026-01-24T12:00:00.000Z",
    "2026-01-24T12:24Z": "2026-01-24T12:24:00.000Z",
    "2026-01-24T12:00:00.5Z": "2026-01-24T12:00:00.500Z",
    "2026-01-24T12:00:00,25Z": "2026-01-24T12:00:00.250Z",
    "2026-01-24T12:00:00.123456Z": "2026-01-24T12:00:00.123Z",
    "2026-01-24T12:00:00.123456789Z": "2026-01-24T12:00:00.123Z",
    "2026-01-24T12:00:00.999999Z": "2026-01-24T12:00:00.999Z",
    "2026-01-24T12:00:00+02:00": "2026-01-24T10:00:00.000Z",
    "2026-01-24T12:00:00-0930": "2026-01-24T21:30:00.000Z",
    "2026-01-24T12:00:00+05": "2026-01-24T07:00:00.000Z",
    "2026-01-24T12:00:00-00:00": "2026-01-24T12:00:00.000Z",
    "2026-01-24T23:59:59.999-23:59": "2026-01-25T23:58:59.999Z",
    "2024-02-29T00:00:00Z": "2024-02-29T00:00:00.000Z",
    "20260124T120000Z": "2026-01-24T12:00:00.000Z",
    "20260124T122459Z": "2026-01-24T12:24:59.000Z",
    "20260124T1224+0100": "2026-01-24T11:24:00.000Z",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000Z",
    "0099-06-01T00:00:00Z": "0099-06-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z": "1969-12-31T23:59:59.999Z",
}
BAD_TIMES = [
    "2016-12-31T23:59:60Z", "2026-01-24T23:59:60Z", "2026-01-24T24:00:00Z", "20260124T240000Z", "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-24", "12:00:00", "2026-01-24T12", "2026-01-24T12:60Z", "2026-01-24T12:00:00+24:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", " 2026-01-24T12:00:00Z", "2026-01-24T12:00:00Z\n", "2026-01-24T12:00:00 UTC",
    "２026-01-24T12:00:00Z", "-2026-01-24T12:00:00Z", "now", "", 0, 1769256000, True, {}, [],
]  # fmt: skip


def test_result_comes_back_as_sent_when_created(api):
    run = api.run()
    response = api.app.post_json(RESULTS, {**FULL, "test_run_id": run.upper()}, status=201)
    result = response.json
    assert set(result) == COLUMNS
    assert {name: result[name] for name in FULL} == FULL
    assert result["test_run_id"] == run
    assert response.headers["Location"].endswith(f"{RESULTS}/{result['id']}")
    assert api.app.get(f"{RESULTS}/{result['id']}").json == result


def test_full_name_is_the_name_and_status_pending_when_only_a_name_is_sent(api):
    result = api.app.post_json(RESULTS, {"name": "n"}, status=201).json
    filled = {name: value for name, value in result.items() if value is not None}
    assert filled == {"id": result["id"], "name": "n", "full_name": "n", "status": "Pending", "created_at": result["created_at"]}


def test_post_is_409_and_changes_nothing_when_the_id_is_taken(api):
    chosen = new_uuid()
    assert api.result(id=chosen, name="first") == chosen
    assert_detail(api.app.post_json(RESULTS, {"name": "second", "id": chosen}, expect_errors=True), 409)
    assert_detail(api.app.post_json(RESULTS, {"name": "second", "id": chosen.upper()}, expect_errors=True), 409)
    assert api.app.get(f"{RESULTS}/{chosen}").json["name"] == "first"


def test_id_is_found_in_any_case_and_answered_in_lower_case(api):
    chosen = "ABCDEF01-2345-7890-ABCD-EF0123456789"
    assert api.result(id=chosen) == chosen.lower()
    assert api.app.get(f"{RESULTS}/{chosen}").json["id"] == chosen.lower()
    assert api.steps(chosen)["test_case_result_id"] == chosen.lower()


def test_post_is_422_and_names_the_field_when_a_field_is_wrong(api):
    for name, value in [*BAD_FIELDS, ("id", "x"), ("id", 1), ("id", UNKNOWN[:-1]), ("id", UNKNOWN + "\n")]:
        body = assert_detail(api.app.post_json(RESULTS, {"name": "n", name: value}, expect_errors=True), 422)
        assert list(body["errors"]) == [name], (name, value, body)
    assert api.app.get(RESULTS).json["total"] == 0


def test_every_wrong_field_is_named_when_there_are_several(api):
    body = assert_detail(api.app.post_json(RESULTS, {"duration_ms": -1, "status": "x"}, expect_errors=True), 422)
    assert set(body["errors"]) == {"name", "duration_ms", "status"}


def test_body_is_400_when_a_number_is_none_of_json(api):
    for text in (b'{"name": "n", "duration_ms": NaN}', b'{"name": "n", "duration_ms": Infinity}', b'{"name": "n", "duration_ms": 01}'):
        assert_detail(api.app.post(RESULTS, text, {"Content-Type": "application/json"}, expect_errors=True), 400)


def test_strings_are_stored_untrimmed_up_to_their_limit(api):
    for name in (" a ", "x" * 500, "𝄞" * 500, "日本語\t"):
        result = api.result(name=name, error_message=name * 100)
        stored = api.app.get(f"{RESULTS}/{result}").json
        assert (stored["name"], stored["full_name"], stored["error_message"]) == (name, name, name * 100)


def test_times_come_out_in_utc_with_milliseconds_when_sent_with_any_offset(api):
    for sent, answered in TIMES.items():
        result = api.app.post_json(RESULTS, {"name": "n", "started_at": sent, "completed_at": sent}, expect_errors=True)
        assert result.status_int == 201, (sent, result.json)
        stored = api.app.get(f"{RESULTS}/{result.json['id']}").json
        assert stored["started_at"] == stored["completed_at"] == result.json["started_at"] == answered, sent


def test_time_is_422_when_it_does_not_exist_or_is_no_iso_8601(api):
    for sent in BAD_TIMES:
        response = api.app.post_json(RESULTS, {"name": "n", "started_at": sent}, expect_errors=True)
        assert list(assert_detail(response, 422)["errors"]) == ["started_at"], sent


def test_patch_changes_only_what_it_names(api):
    run = api.run()
    result = api.result(**FULL)
    answer = api.app.patch_json(f"{RESULTS}/{result}", {"status": "Passed", "error_message": None, "test_run_id": run}).json
    assert {name: answer[name] for name in FULL} == {**FULL, "status": "Passed", "error_message": None}
    assert answer["test_run_id"] == run
    assert api.app.get(f"{RESULTS}/{result}").json == answer
    assert api.app.patch_json(f"{RESULTS}/{result}", {"test_run_id": None}).json["test_run_id"] is None


def test_patch_changes_nothing_when_empty(api):
    result = api.result(**FULL)
    before = api.app.get(f"{RESULTS}/{result}").json
    assert api.app.patch_json(f"{RESULTS}/{result}", {}, status=200).json == before
    assert api.app.patch_json(f"{RESULTS}/{result}", {"id": UNKNOWN}, status=200).json == before
    assert api.app.get(f"{RESULTS}/{result}").json == before


def test_patch_is_422_and_changes_nothing_when_a_field_is_wrong(api):
    result = api.result(**FULL)
    before = api.app.get(f"{RESULTS}/{result}").json
    for name, value in [*BAD_FIELDS, ("status", None), ("full_name", None)]:
        body = assert_detail(api.app.patch_json(f"{RESULTS}/{result}", {"suite": "other", name: value}, expect_errors=True), 422)
        assert list(body["errors"]) == [name], (name, value)
    assert api.app.get(f"{RESULTS}/{result}").json == before


def test_delete_takes_steps_artifacts_and_files_with_it(api):
    result = api.result()
    step_id = api.post_steps(result, [step(1)]).json["step_ids"][0]
    artifact = api.upload(result, step_number=1).json["id"]
    assert api.app.delete(f"{RESULTS}/{result}", status=204).body == b""
    for url in (f"test-case-results/{result}", f"test-case-results/{result}/steps", f"steps/{step_id}", f"artifacts/{artifact}"):
        assert_detail(api.app.get(f"{BASE}/{url}", expect_errors=True), 404)
    assert (api.files(), api.folders()) == ([], [])


def test_run_stays_when_its_result_is_deleted(api):
    run = api.run()
    api.app.delete(f"{RESULTS}/{api.result(test_run_id=run)}")
    assert api.app.get(f"{BASE}/test-runs/{run}").status_int == 200


def test_list_is_newest_first_and_holds_whole_results(api):
    results = [api.result(name=str(number)) for number in range(4)]
    page = api.app.get(RESULTS).json
    assert [item["id"] for item in page["items"]] == results[::-1]
    assert page["items"][0] == api.app.get(f"{RESULTS}/{results[-1]}").json


def test_list_filters_when_asked(api):
    run = api.run()
    result = api.result(test_run_id=run, full_name="a::b", suite="s u", status="Skipped")
    api.result(test_run_id=api.run(), full_name="a::B", suite="s", status="Passed")
    for query in (f"test_run_id={run}", f"test_run_id={run.upper()}", "full_name=a::b", "suite=s+u", "status=Skipped", f"status=Skipped&test_run_id={run}"):
        page = api.app.get(f"{RESULTS}?{query}").json
        assert ([item["id"] for item in page["items"]], page["total"]) == ([result], 1), query
    assert api.app.get(f"{RESULTS}?test_run_id={UNKNOWN}").json["total"] == 0
