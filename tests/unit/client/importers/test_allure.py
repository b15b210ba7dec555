"""Allure results, made by allure-pytest (tests/producers)."""

import json
import shutil
from datetime import UTC

import pytest

from artifactsvc.client.importers.allure import Allure
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped

from .reading import REPORTS, attached, content, named, outline, read, statuses

FOLDER = REPORTS / "allure"
LOGIN = "Anmelden mit gültigem Passwort ✓ 登录"


def fixtures(tests):
    return {step.action for test in tests for step in test.steps if step.action.startswith(("Set up: ", "Tear down: "))}


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "allure-results")


def results(folder=FOLDER):
    return {file: json.loads(file.read_text()) for file in folder.glob("*-result.json")}


def result_file(folder, name):
    (file,) = [file for file, result in results(folder).items() if result["name"] == name]
    return file


def test_every_result_becomes_a_test():
    tests, skipped = read(FOLDER)
    assert sorted(test.name for test in tests) == sorted(result["name"] for result in results().values())
    assert statuses(tests) == {"Passed": 4, "Failed": 5, "Skipped": 2}
    assert skipped == []


def test_fixtures_and_nested_steps_come_in_order_with_their_depth():
    test = named(read(FOLDER)[0], LOGIN)
    assert outline(test) == [
        ("execute_script", "Set up: shop", "Passed"),
        ("navigate", "Open browser", "Passed"),
        ("execute_script", "Set up: account", "Passed"),
        ("navigate", "Navigate to login page", "Passed"),
        ("type", "Fill form", "Passed"),
        ("type", "Type 'jürgen@example.com' into '#email'", "Passed"),
        ("click", "Click 'Anmelden'", "Passed"),
        ("assert", "Greeting should be visible", "Passed"),
        ("execute_script", "Tear down: account::1", "Passed"),
        ("execute_script", "Tear down: account::<lambda>", "Pending"),
        ("execute_script", "Tear down: shop::1", "Passed"),
        ("execute_script", "Close browser", "Passed"),
        ("execute_script", "Tear down: shop::<lambda>", "Pending"),
        ("assert", "Outcome of the test", "Passed"),
    ]
    assert test.steps[5].description == "Depth: 1 · in: Fill form\nParameter field: '#email'\nParameter value: 'jürgen@example.com'"
    assert test.steps[4].description is None


def test_attachments_belong_to_their_steps_byte_for_byte():
    test = named(read(FOLDER)[0], LOGIN)
    found = {(item.name, item.step_number, item.artifact_type, item.artifact_category, item.link_to_step) for item in test.attachments}
    assert found == {
        ("driver.log", 2, "log", None, False),
        ("before #email.png", 6, "screenshot", "before", True),
        ("form.png", 7, "screenshot", "checkpoint", True),
        ("response.json", 8, "log", None, False),
        ("after the test.png", 9, "screenshot", "after", True),
    }
    raw = results()[result_file(FOLDER, LOGIN)]["steps"][1]["steps"][1]["attachments"][0]["source"]
    assert content(attached(test, "form.png")) == (FOLDER / raw).read_bytes()
    assert content(attached(test, "driver.log")) == b"started on port 4444"
    assert json.loads(content(attached(test, "response.json"))) == {"greeting": "Grüß Gott"}


def test_labels_links_and_the_description_stand_in_the_outcome():
    test = named(read(FOLDER)[0], LOGIN)
    lines = (test.steps[-1].description or "").splitlines()
    assert lines[0] == "Signs in with a password that is right."
    assert {"Label severity: critical", "Label epic: Geschäft", "Link (issue) BUG-9: https://tracker.example/9"} <= set(lines)


def test_attempts_are_tests_of_the_same_full_name_in_the_order_of_time():
    attempts = [test for test in read(FOLDER)[0] if test.name == "test_search_is_flaky"]
    assert [test.status for test in attempts] == ["Failed", "Failed", "Passed"]
    assert {test.full_name for test in attempts} == {"checkout#test_search_is_flaky"}
    assert [test.steps[0].action for test in attempts] == ["Search, attempt 1", "Search, attempt 2", "Search, attempt 3"]


def test_parameters_make_full_names_distinct():
    names = {test.full_name for test in read(FOLDER)[0] if test.name.startswith("test_currency")}
    assert names == {"checkout#test_currency[currency='EUR']", "checkout#test_currency[currency='Kč']"}


def test_a_failure_keeps_message_type_trace_and_screenshot():
    test = named(read(FOLDER)[0], "test_payment_is_refused")
    step = next(step for step in test.steps if step.action == "Click pay")
    assert (step.status, step.error_type) == ("Failed", "AssertionError")
    assert "the card was refused" in (step.error_message or "")
    assert "checkout.py" in (step.stack_trace or "")
    (shot,) = [item for item in test.attachments if item.artifact_type == "screenshot"]
    assert (shot.step_number, shot.artifact_category, shot.link_to_step) == (step.step_number, "error", True)


def test_broken_is_failed_and_says_so():
    test = named(read(FOLDER)[0], "test_no_total")
    assert (test.status, test.error_type) == ("Failed", "ConnectionError")
    assert "Status in Allure: broken" in (test.steps[-1].description or "")


def test_times_are_those_of_the_result():
    test = named(read(FOLDER)[0], LOGIN)
    raw = results()[result_file(FOLDER, LOGIN)]
    assert test.started_at is not None
    assert (test.started_at.tzinfo, round(test.started_at.timestamp() * 1000)) == (UTC, raw["start"])
    assert test.duration_ms == raw["stop"] - raw["start"]


def test_a_single_result_reads_as_in_its_folder(copy):
    whole = named(read(copy)[0], LOGIN)
    (alone,) = Allure().read(result_file(copy, LOGIN))
    assert alone == whole


def test_a_watcher_sees_containers_that_come_later(copy):
    importer = Allure()
    containers = [(file, file.read_bytes()) for file in copy.glob("*-container.json")]
    for file, _ in containers:
        file.unlink()
    file = result_file(copy, LOGIN)
    (early,) = importer.read(file)
    for container, data in containers:
        container.write_bytes(data)
    (late,) = importer.read(file)
    assert (len(early.steps), len(late.steps)) == (6, 14)
    assert early.key == late.key


def test_fixtures_that_come_after_all_results_are_not_lost(copy):
    """What `watch` does: one result after the other, and the rest at the end."""
    containers = [(file, file.read_bytes()) for file in copy.glob("*-container.json")]
    for file, _ in containers:
        file.unlink()
    importer = Allure()
    early = [item for file in sorted(results(copy)) for item in importer.read(file)]
    for container, data in containers:
        container.write_bytes(data)
    late, skipped = [], []
    for item in importer.read_rest(copy):
        (late if isinstance(item, ReportTest) else skipped).append(item)
    assert skipped == []
    assert all(test.name.startswith("Fixtures of several tests: ") for test in late)
    whole = [item for item in read(copy)[0] for item in item.attachments]
    told = [item for test in [*early, *late] if isinstance(test, ReportTest) for item in test.attachments]
    assert {item.path for item in told} == {item.path for item in whole}
    assert fixtures(late) == fixtures(read(copy)[0]) != set()
    assert list(Allure().read_rest(copy.parent / "nothing")) == []


def test_nothing_is_left_where_every_fixture_was_told(copy):
    importer = Allure()
    for file in sorted(results(copy)):
        list(importer.read(file))
    assert list(importer.read_rest(copy)) == []


def test_a_container_that_is_still_being_written_is_read_again(copy):
    containers = [(file, file.read_bytes()) for file in copy.glob("*-container.json")]
    for file, data in containers:
        file.write_bytes(data[: len(data) // 2])
    importer = Allure()
    file = result_file(copy, LOGIN)
    list(importer.read(file))
    for container, data in containers:
        container.write_bytes(data)
    (late,) = importer.read(file)
    assert len(late.steps) == 14


def test_a_missing_attachment_is_skipped_and_said(copy):
    raw = results(copy)[result_file(copy, "test_payment_is_refused")]["steps"][0]["steps"][0]["attachments"][0]["source"]
    (copy / raw).unlink()
    tests, skipped = read(copy)
    assert skipped == [Skipped(f"checkout#test_payment_is_refused: attachment {raw}", "the file is missing")]
    assert len(tests) == 11


def test_an_attachment_outside_of_the_folder_is_refused(copy):
    (copy.parent / "secret.txt").write_text("password")
    file = result_file(copy, "test_print")
    result = json.loads(file.read_text()) | {"attachments": [{"name": "a", "source": "../secret.txt"}, {"name": "b", "source": "/etc/passwd"}]}
    file.write_text(json.dumps(result))
    tests, skipped = read(copy)
    assert {item.why for item in skipped} == {"lies outside of the report's folder"}
    assert len(skipped) == 2
    assert named(tests, "test_print").attachments == []


def test_one_damaged_result_leaves_the_others(copy):
    file = result_file(copy, "test_print")
    file.write_bytes(file.read_bytes()[:100])
    tests, skipped = read(copy)
    assert len(tests) == 10
    assert [item.what for item in skipped] == [str(file)]


@pytest.mark.parametrize(
    "damage", [b"{}", b'{"name": 5', b'{"name": "a", "steps": 7}', b'{"name": "a", "labels": ["x"]}', b'{"name": "a", "steps": [[]]}', b"{\xff}"]
)
def test_a_damaged_result_alone_is_refused_with_its_name(tmp_path, damage):
    file = tmp_path / "1-result.json"
    file.write_bytes(damage)
    with pytest.raises(ImportFailedError, match=r"1-result\.json"):
        list(Allure().read(file))


def test_a_damaged_container_and_files_of_nobody_are_named(copy):
    (copy / "0-container.json").write_text("{")
    (copy / "x-attachment.png").write_bytes(b"x")
    (copy / "categories.json").write_text("[]")
    tests, skipped = read(copy)
    assert len(tests) == 11
    assert {item.what.rsplit("/", 1)[-1] for item in skipped} == {"0-container.json", "x-attachment.png", "categories.json"}


def test_masked_and_hidden_parameters_stay_so(tmp_path):
    parameters = [{"name": "pin", "value": "1234", "mode": "masked"}, {"name": "key", "value": "abcd", "mode": "hidden", "excluded": True}]
    (tmp_path / "1-result.json").write_text(json.dumps({"uuid": "1", "name": "pay", "status": "passed", "parameters": parameters}))
    (test,) = Allure().read(tmp_path)
    assert isinstance(test, ReportTest)
    assert test.full_name == "pay[pin=******]"
    assert "1234" not in repr(test)
    assert "abcd" not in repr(test)


def test_an_unknown_status_is_pending(tmp_path):
    (tmp_path / "1-result.json").write_text(json.dumps({"uuid": "1", "name": "a", "status": "odd"}))
    (test,) = Allure().read(tmp_path)
    assert test.status == "Pending"
