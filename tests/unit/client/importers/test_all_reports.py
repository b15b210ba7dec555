"""What holds for every tool's report."""

import pytest

from artifactsvc.client.importers import find_importer
from artifactsvc.client.importers.mapping import OTHER_STEPS, STEP_TYPES
from artifactsvc.settings import STEP_TYPES as CONTRACT

from .reading import REPORTS, content, read, statuses

TOOLS = ("allure", "junit", "mochawesome", "native", "playwright", "robot")
REPORT_FILES = ("-result.json", "-container.json", "junit.xml", "mochawesome.json", "result.json", "report.json", "output.xml", ".last-run.json")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_folder_is_known_by_what_is_in_it(tool):
    assert find_importer(REPORTS / tool).name == tool


@pytest.mark.parametrize("tool", TOOLS)
def test_every_file_of_the_report_is_attached_byte_for_byte(tool):
    tests, _ = read(REPORTS / tool)
    evidence = {file.read_bytes() for file in (REPORTS / tool).rglob("*") if file.is_file() and not file.name.endswith(REPORT_FILES)}
    assert evidence
    assert evidence <= {content(item) for test in tests for item in test.attachments}


@pytest.mark.parametrize("tool", TOOLS)
def test_steps_are_numbered_from_one_and_have_types_of_the_contract(tool):
    tests, _ = read(REPORTS / tool)
    for test in tests:
        assert [step.step_number for step in test.steps] == list(range(1, len(test.steps) + 1))
        assert {step.step_type for step in test.steps} <= set(CONTRACT)


@pytest.mark.parametrize("tool", TOOLS)
def test_attachments_name_steps_that_exist_and_a_step_has_one_screenshot(tool):
    tests, _ = read(REPORTS / tool)
    for test in tests:
        numbers = {step.step_number for step in test.steps}
        linked = [item for item in test.attachments if item.link_to_step]
        assert {item.step_number for item in test.attachments} <= numbers | {None}
        assert all(item.artifact_type == "screenshot" for item in linked)
        assert len({item.step_number for item in linked}) == len(linked)
        assert all(item.artifact_category for item in test.attachments if item.artifact_type == "screenshot" and tool != "native")


@pytest.mark.parametrize("tool", TOOLS)
def test_passed_failed_and_skipped_tests_are_in_each_report(tool):
    tests, _ = read(REPORTS / tool)
    assert set(statuses(tests)) >= {"Passed", "Failed", "Skipped"}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_failed_test_has_a_message_and_a_failed_step(tool):
    tests, _ = read(REPORTS / tool)
    failed = [test for test in tests if test.status == "Failed"]
    assert failed
    for test in failed:
        assert test.error_message
        assert any(step.status == "Failed" for step in test.steps)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_keys_are_distinct_and_the_same_each_time(tool):
    first, again = read(REPORTS / tool)[0], read(REPORTS / tool)[0]
    assert [test.key for test in first] == [test.key for test in again]
    assert len({test.key for test in first}) == len(first)


@pytest.mark.parametrize("tool", TOOLS)
def test_names_in_many_scripts_arrive_whole(tool):
    tests, _ = read(REPORTS / tool)
    text = repr(tests)
    assert "登录" in text or "登录".encode() in b"".join(content(item) for test in tests for item in test.attachments)


def test_every_step_type_of_the_contract_can_come_out():
    assert {kind for kind, _ in STEP_TYPES} | {OTHER_STEPS} == set(CONTRACT)
