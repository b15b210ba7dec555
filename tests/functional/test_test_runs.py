"""/test-runs and /test-runs/{id}"""

import pytest

from tests.api import BASE, UNKNOWN, assert_detail, new_uuid, png, step

RUNS = f"{BASE}/test-runs"
COLUMNS = {
    "id", "name", "project", "branch", "commit_sha", "build_url", "environment", "status", "started_at", "completed_at", "created_at",
}  # fmt: skip
FULL = {
    "name": "nightly",
    "project": "shop",
    "branch": "main",
    "commit_sha": "0123456789abcdef",
    "build_url": "https://ci.example.com/1?a=b",
    "environment": "staging",
    "status": "Passed",
    "started_at": "2026-01-24T12:00:00.000Z",
    "completed_at": "2026-01-24T12:00:01.250Z",
}
BAD_FIELDS = [
    ("name", ""), ("name", None), ("name", 1), ("name", True), ("name", "x" * 256), ("name", "a\0b"), ("name", "\ud800"), ("name", ["a"]),
    ("project", "x" * 101), ("project", 7), ("branch", "x" * 256), ("branch", "\0"), ("commit_sha", {}), ("build_url", "\udfff"),
    ("environment", 1.0), ("status", "passed"), ("status", "Running"), ("status", 1), ("status", ["Passed"]),
    ("started_at", "yesterday"), ("completed_at", 1769256000), ("started_at", "2026-13-01T00:00:00Z"),
]  # fmt: skip


def test_run_comes_back_as_sent_when_created(api):
    response = api.app.post_json(RUNS, FULL, status=201)
    run = response.json
    assert set(run) == COLUMNS
    assert {name: run[name] for name in FULL} == FULL
    assert response.headers["Location"].endswith(f"{RUNS}/{run['id']}")
    assert api.app.get(f"{RUNS}/{run['id']}").json == run


def test_other_columns_are_null_and_status_pending_when_only_a_name_is_sent(api):
    run = api.app.post_json(RUNS, {"name": "n"}, status=201).json
    filled = {name: value for name, value in run.items() if value is not None}
    assert filled == {"id": run["id"], "name": "n", "status": "Pending", "created_at": run["created_at"]}


def test_id_is_a_uuid_of_version_7_when_the_client_names_none(api):
    assert api.run()[14] == "7"


def test_strings_keep_their_spaces_and_every_character_when_stored(api):
    for name in ("  a  ", "\t", "x" * 255, "Größe 𝄞 \u202e'\";--", "%_\\"):
        run = api.app.post_json(RUNS, {"name": name, "branch": ""}, status=201).json
        assert (run["name"], run["branch"]) == (name, "")
        assert api.app.get(f"{RUNS}/{run['id']}").json == run


def test_post_is_409_when_the_id_is_taken(api):
    run = new_uuid()
    assert api.run(id=run) == run
    assert_detail(api.app.post_json(RUNS, {"name": "again", "id": run.upper()}, expect_errors=True), 409)
    assert api.app.get(f"{RUNS}/{run}").json["name"] == "nightly"


def test_post_is_422_and_names_the_field_when_a_field_is_wrong(api):
    for name, value in BAD_FIELDS:
        body = assert_detail(api.app.post_json(RUNS, {"name": "n", name: value}, expect_errors=True), 422)
        assert list(body["errors"]) == [name], (name, value, body)
        assert body["detail"] == f"{name}: {body['errors'][name]}"
    assert api.app.get(RUNS).json["total"] == 0


def test_post_is_422_when_the_name_or_the_object_is_missing(api):
    assert assert_detail(api.app.post_json(RUNS, {}, expect_errors=True), 422)["errors"] == {"name": "Required"}
    for body in ([], "name", 1, None, True):
        assert_detail(api.app.post_json(RUNS, body, expect_errors=True), 422)


def test_post_is_422_when_the_id_is_malformed(api):
    for value in ("x", 1, "", "{" + UNKNOWN + "}", UNKNOWN.replace("-", ""), "urn:uuid:" + UNKNOWN):
        assert "id" in assert_detail(api.app.post_json(RUNS, {"name": "n", "id": value}, expect_errors=True), 422)["errors"]


def test_unknown_keys_are_ignored_when_posted_and_patched(api):
    run = api.run(colour="red", created_at="2001-01-01T00:00:00Z")
    assert not api.app.get(f"{RUNS}/{run}").json["created_at"].startswith("2001")
    assert set(api.app.patch_json(f"{RUNS}/{run}", {"colour": "red", "id": UNKNOWN}).json) == COLUMNS
    assert api.app.get(f"{RUNS}/{run}").json["id"] == run


def test_patch_changes_only_what_it_names(api):
    run = api.run(**FULL)
    answer = api.app.patch_json(f"{RUNS}/{run}", {"status": "Failed", "project": None, "completed_at": "2026-01-24T14:00:00+02:00"}).json
    assert {name: answer[name] for name in FULL} == {**FULL, "status": "Failed", "project": None, "completed_at": "2026-01-24T12:00:00.000Z"}
    assert api.app.get(f"{RUNS}/{run}").json == answer


def test_patch_changes_nothing_when_empty(api):
    run = api.run(**FULL)
    before = api.app.get(f"{RUNS}/{run}").json
    assert api.app.patch_json(f"{RUNS}/{run}", {}, status=200).json == before
    assert api.app.get(f"{RUNS}/{run}").json == before


def test_patch_is_422_and_changes_nothing_when_a_field_is_wrong(api):
    run = api.run(**FULL)
    before = api.app.get(f"{RUNS}/{run}").json
    for name, value in [*BAD_FIELDS, ("status", None)]:
        body = assert_detail(api.app.patch_json(f"{RUNS}/{run}", {"project": "other", name: value}, expect_errors=True), 422)
        assert list(body["errors"]) == [name]
    assert api.app.get(f"{RUNS}/{run}").json == before


def test_delete_takes_results_steps_artifacts_and_files_with_it(api):
    run, other = api.run(), api.result()
    result = api.result(test_run_id=run)
    step_id = api.post_steps(result, [step(1)]).json["step_ids"][0]
    artifact = api.upload(result, step_number=1).json["id"]
    kept = api.upload(other, step_number=1).json
    response = api.app.delete(f"{RUNS}/{run}", status=204)
    assert response.body == b""
    for url in (f"test-runs/{run}", f"test-case-results/{result}", f"steps/{step_id}", f"artifacts/{artifact}", f"artifacts/{artifact}/download"):
        assert_detail(api.app.get(f"{BASE}/{url}", expect_errors=True), 404)
    assert ["artifacts/" + name for name in api.files()] == [kept["storage_path"]]
    assert_detail(api.app.delete(f"{RUNS}/{run}", expect_errors=True), 404, "Test run not found")


def test_delete_leaves_no_folder_when_the_last_file_goes(api):
    run = api.run()
    api.upload(api.result(test_run_id=run), png(), iteration_number=2)
    api.app.delete(f"{RUNS}/{run}")
    assert (api.files(), api.folders()) == ([], [])


def test_list_is_newest_first_and_holds_whole_runs(api):
    runs = [api.run(name=str(number)) for number in range(4)]
    page = api.app.get(RUNS).json
    assert set(page) == {"total", "page", "per_page", "items"}
    assert [item["id"] for item in page["items"]] == runs[::-1]
    assert page["items"][0] == api.app.get(f"{RUNS}/{runs[-1]}").json


def test_list_filters_when_asked(api):
    run = api.run(project="shop", branch="main", environment="staging", status="Failed")
    api.run(project="SHOP", branch="dev", environment="prod", status="Passed")
    api.run()
    for query in ("project=shop", "branch=main", "environment=staging", "status=Failed", "project=shop&status=Failed"):
        page = api.app.get(f"{RUNS}?{query}").json
        assert ([item["id"] for item in page["items"]], page["total"]) == ([run], 1), query
    assert api.app.get(f"{RUNS}?project=sho").json["items"] == []


@pytest.mark.parametrize("method", ["get", "delete"])
def test_answer_is_404_when_the_run_is_unknown(api, method):
    assert_detail(getattr(api.app, method)(f"{RUNS}/{UNKNOWN}", expect_errors=True), 404, "Test run not found")
