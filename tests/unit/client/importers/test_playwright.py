"""Playwright's JSON report, made by @playwright/test (tests/producers)."""

import base64
import json
import shutil
from collections import Counter

import pytest

from artifactsvc.client.importers.playwright import Playwright
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped

from .reading import REPORTS, attached, content, named, outline, read

FOLDER = REPORTS / "playwright"
RAW = json.loads((FOLDER / "report.json").read_text())


def raw_results(title):
    return next(spec for spec in RAW["suites"][0]["suites"][0]["specs"] if spec["title"] == title)["tests"][0]["results"]


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "out")


def changed(folder, change):
    report = json.loads((folder / "report.json").read_text())
    change(report)
    (folder / "report.json").write_text(json.dumps(report))
    return folder


def test_every_attempt_becomes_a_test_and_the_last_ones_agree_with_the_stats():
    tests, skipped = read(FOLDER)
    assert len(tests) == 7
    assert skipped == []
    last = {test.full_name: test.status for test in tests}
    stats = RAW["stats"]
    assert Counter(last.values()) == {"Passed": stats["expected"] + stats["flaky"], "Failed": stats["unexpected"], "Skipped": stats["skipped"]}


def test_steps_keep_their_nesting():
    test = named(read(FOLDER)[0], "Käufer kauft ✓")
    assert outline(test) == [
        ("navigate", "Navigate to shop", "Passed"),
        ("type", "Fill form", "Passed"),
        ("type", "Type e-mail", "Passed"),
        ("click", "Click 'Kaufen'", "Passed"),
        ("assert", "Expect greeting", "Passed"),
        ("assert", "Outcome of the test", "Passed"),
    ]
    assert test.steps[3].description == "Depth: 1 · in: Fill form"
    assert test.suite == "shop.spec.js › Geschäft 登录"


def test_attachments_in_the_report_and_beside_it_arrive_byte_for_byte():
    test = named(read(FOLDER)[0], "Käufer kauft ✓")
    raw = {item["name"]: item for item in raw_results(test.name)[0]["attachments"]}
    before = attached(test, "before payment.png")
    assert content(before) == base64.b64decode(raw["before payment"]["body"])
    assert (before.artifact_type, before.artifact_category, before.media_type) == ("screenshot", "before", "image/png")
    assert json.loads(content(attached(test, "response.json"))) == {"greeting": "Grüß Gott"}
    assert content(attached(test, "stdout.txt")).decode() == "gekauft 🛒\n"
    assert attached(test, "stderr.txt").artifact_type == "log"
    assert attached(test, "test-finished-1.png").artifact_category == "after"


def test_a_failure_has_screenshot_video_and_trace_in_each_attempt():
    attempts = [test for test in read(FOLDER)[0] if test.name == "button is missing"]
    assert [test.status for test in attempts] == ["Failed", "Failed"]
    assert len({test.full_name for test in attempts}) == 1
    for test in attempts:
        assert {item.name: item.artifact_type for item in test.attachments} == {
            "test-failed-1.png": "screenshot",
            "video.webm": "video",
            "trace.zip": "other",
            "error-context.md": "log",
        }
        failing = next(step for step in test.steps if step.action == "Click 'Bezahlen'")
        assert (failing.status, failing.error_type) == ("Failed", "TimeoutError")
        assert "shop.spec.js:22:53" in (failing.stack_trace or "")
        shot = attached(test, "test-failed-1.png")
        assert (shot.step_number, shot.artifact_category, shot.link_to_step) == (failing.step_number, "error", True)
    assert len({item.path for test in attempts for item in test.attachments}) == 8


def test_terminal_colours_are_taken_out():
    assert "\x1b" not in repr(read(FOLDER)[0])
    assert "\\u001b" in json.dumps(RAW)


def test_an_expected_failure_is_passed_and_a_skip_is_skipped():
    tests, _ = read(FOLDER)
    fault = named(tests, "known fault")
    assert fault.status == "Passed"
    assert "Expected status: failed" in (fault.steps[-1].description or "")
    assert named(tests, "printer").status == "Skipped"


def test_annotations_tags_and_project_stand_in_the_outcome():
    lines = (named(read(FOLDER)[0], "Käufer kauft ✓").steps[-1].description or "").splitlines()
    assert {"Tag: smoke", "Annotation issue: https://tracker.example/7", "Project: chromium – schmal", "File: shop.spec.js:6:3"} <= set(lines)


def test_a_report_that_moved_finds_its_files_below_itself(copy):
    tests, skipped = read(copy / "report.json")
    assert skipped == []
    assert all(item.path.is_relative_to(copy) for test in tests for item in test.attachments if item.path)


def test_absolute_paths_elsewhere_are_refused(copy):
    (copy.parent / "secret.png").write_bytes(b"secret")
    (copy / "link.png").symlink_to(copy.parent / "secret.png")

    def change(report):
        paths = [str(copy.parent / "secret.png"), "/etc/passwd", "../secret.png", str(copy / "link.png"), "/proc/self/environ", "/dev/null"]
        report["suites"][0]["suites"][0]["specs"][0]["tests"][0]["results"][0]["attachments"] = [
            {"name": str(number), "path": path, "contentType": "image/png"} for number, path in enumerate(paths)
        ]

    tests, skipped = read(changed(copy, change))
    assert len(skipped) == 6
    assert {item.why for item in skipped} <= {"lies outside of the report's folder", "the file is missing"}
    assert [item.name for item in named(tests, "Käufer kauft ✓").attachments] == ["stdout.txt", "stderr.txt"]


def test_damaged_base64_and_errors_outside_of_tests_are_named(copy):
    def change(report):
        report["suites"][0]["suites"][0]["specs"][0]["tests"][0]["results"][0]["attachments"][0]["body"] = "%%%"
        report["errors"] = [{"message": "global set-up \u001b[31mfailed"}]

    tests, skipped = read(changed(copy, change))
    assert len(tests) == 7
    assert [item.why for item in skipped] == ["its content is no base64", "global set-up failed"]


def test_what_was_read_before_the_file_breaks_off_is_kept(copy):
    report = json.loads((copy / "report.json").read_text())
    report["suites"] *= 3
    text = json.dumps(report)
    (copy / "report.json").write_text(text[: len(text) * 2 // 3])
    tests, skipped = read(copy / "report.json")
    assert len(tests) in (7, 14)
    assert skipped[-1].what.startswith("the rest of ")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"config": {"rootDir": 1}', "\x00", '{"suites": 5}', '{"other": {}}'])
def test_what_is_no_report_is_refused(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ImportFailedError, match=r"report\.json"):
        list(Playwright().read(tmp_path / "report.json"))


def test_a_test_with_damaged_content_leaves_the_others(copy):
    def change(report):
        report["suites"][0]["suites"][0]["specs"][1]["tests"][0]["results"] = [{"steps": [5]}, {"steps": 7}, None]

    tests, skipped = read(changed(copy, change))
    assert len(tests) == 5
    assert len(skipped) == 3
    assert all(isinstance(item, Skipped) and item.why.startswith("damaged") for item in skipped)


def test_a_large_report_is_read_test_by_test(tmp_path):
    suite = json.dumps({"title": "a", "specs": [{"title": "t", "tests": [{"results": [{"status": "passed", "stdout": [{"text": "x" * 100_000}]}]}]}]})
    with (tmp_path / "report.json").open("w") as file:
        file.write('{"config": {"rootDir": "/a"}, "suites": [' + ", ".join([suite] * 200) + "]")  # breaks off at the end
    items = Playwright().read(tmp_path / "report.json")
    assert isinstance(next(items), ReportTest)  # long before the damage is reached
    items.close()
