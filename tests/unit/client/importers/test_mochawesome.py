"""Mochawesome's JSON, made by mocha (tests/producers), with screenshots where Cypress leaves them."""

import base64
import json
import shutil
from collections import Counter

import pytest

from artifactsvc.client.importers.mochawesome import Mochawesome
from artifactsvc.client.report import ImportFailedError, Skipped

from .reading import REPORTS, attached, content, named, outline, read

FOLDER = REPORTS / "mochawesome"
RAW = json.loads((FOLDER / "mochawesome.json").read_text())
SHOP = "Geschäft 登录"


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "out")


def changed(folder, change):
    report = json.loads((folder / "mochawesome.json").read_text())
    change(report["results"][0]["suites"][0])
    (folder / "mochawesome.json").write_text(json.dumps(report))
    return folder


def test_the_tests_agree_with_the_stats():
    tests, skipped = read(FOLDER)
    hooks = [test for test in tests if "hook" in test.name]
    stats, counts = RAW["stats"], Counter(test.status for test in tests if test not in hooks)
    assert [hook.status for hook in hooks] == ["Failed"]
    failed = RAW["results"][0]["suites"][0]["suites"][0]["failures"]  # the stats leave one out when a hook fails too
    assert counts == {"Passed": stats["passes"], "Failed": len(failed), "Skipped": stats["pending"] + stats["skipped"]}
    assert skipped == [Skipped(f"{SHOP} > Käufer kauft ✓: attachment screenshots/lost.png", "the file is missing")]


def test_hooks_are_steps():
    test = named(read(FOLDER)[0], "is refused")
    assert outline(test) == [
        ("execute_script", f'"before all" hook: open the shop in "{SHOP}"', "Passed"),
        ("execute_script", f'"before each" hook: sign in in "{SHOP}"', "Passed"),
        ("execute_script", f'"after each" hook: sign out in "{SHOP}"', "Passed"),
        ("assert", "Outcome of the test", "Failed"),
    ]
    assert test.full_name == f"{SHOP} > payment > is refused"


def test_a_hook_that_fails_is_a_failed_test_and_a_failed_step_of_what_it_kept_from_running():
    tests, _ = read(FOLDER)
    hook = named(tests, '"before all" hook: open the warehouse for "is full"')
    assert (hook.status, hook.error_message) == ("Failed", "Error: no key")
    kept = named(tests, "is full")
    assert kept.status == "Skipped"
    assert ("execute_script", hook.name, "Failed") in outline(kept)


def test_context_arrives_as_files_and_text():
    test = named(read(FOLDER)[0], "Käufer kauft ✓")
    assert content(attached(test, "kauf.png")) == (FOLDER / "screenshots/shop.js/kauf.png").read_bytes()
    raw = json.loads(RAW["results"][0]["suites"][0]["tests"][0]["context"])[1]["value"]
    assert content(attached(test, "before payment.png")) == base64.b64decode(raw.partition(",")[2])
    assert attached(test, "before payment.png").artifact_category == "before"
    description = test.steps[-1].description or ""
    assert '"greeting": "Grüß Gott"' in description
    assert "Context: https://tracker.example/7" in description
    assert "Code:\npicture(" in description


def test_a_failure_keeps_message_trace_difference_and_the_screenshot_of_cypress():
    test = named(read(FOLDER)[0], "is refused")
    outcome = test.steps[-1]
    assert (test.error_type, outcome.error_type) == ("AssertionError", "AssertionError")
    assert "shop.js:" in (outcome.stack_trace or "")
    assert "Difference:\n- refused\n+ paid" in (outcome.description or "")
    (shot,) = test.attachments
    assert (shot.step_number, shot.artifact_category, shot.link_to_step) == (4, "error", True)
    assert content(shot) == (FOLDER / f"screenshots/shop.js/{SHOP} -- payment -- is refused (failed).png").read_bytes()


def test_pictures_of_further_attempts_carry_their_number():
    test = named(read(FOLDER)[0], "is flaky")
    assert {item.name.removeprefix(f"{SHOP} -- payment -- is flaky "): item.iteration_number for item in test.attachments} == {
        "(failed).png": 1,
        "(failed) (attempt 2).png": 2,
    }


def test_the_video_goes_to_the_first_failed_test_and_strangers_are_named(copy):
    (copy / "videos").mkdir()
    (copy / "videos" / "shop.js.mp4").write_bytes(b"video")
    (copy / "videos" / "other.js.mp4").write_bytes(b"video")
    tests, skipped = read(copy)
    assert [test.name for test in tests if any(item.artifact_type == "video" for item in test.attachments)] == ["is refused"]
    assert [item.why for item in skipped] == ["the file is missing", "no test of the report has its name"]


def test_screenshots_and_videos_beside_the_report_are_found(copy):
    (copy / "results").mkdir()
    (copy / "mochawesome.json").rename(copy / "results" / "mochawesome.json")
    tests, _ = read(copy / "results")
    assert len(named(tests, "is flaky").attachments) == 2
    tests, _ = read(copy / "results" / "mochawesome.json")
    assert len(named(tests, "is flaky").attachments) == 2


def test_context_outside_of_the_folder_is_refused(copy):
    (copy.parent / "secret.png").write_bytes(b"x")
    tests, skipped = read(
        changed(copy, lambda suite: suite["tests"][0].update(context=json.dumps(["../secret.png", "/etc/hosts.txt", "data:image/png;base64,%"])))
    )
    assert named(tests, "Käufer kauft ✓").attachments == []
    assert [item.why for item in skipped[:2]] == ["lies outside of the report's folder", "the file is missing"]
    assert "damaged" in skipped[2].why


def test_a_damaged_test_leaves_the_others(copy):
    tests, skipped = read(changed(copy, lambda suite: suite["tests"].append({"state": "passed"})))
    assert len(tests) == 7
    assert any(item.why.startswith("damaged") for item in skipped)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stats": {', '{"results": 7}', '{"tests": []}'])
def test_what_is_no_report_is_refused(tmp_path, text):
    (tmp_path / "mochawesome.json").write_text(text)
    with pytest.raises(ImportFailedError, match=r"mochawesome\.json"):
        list(Mochawesome().read(tmp_path / "mochawesome.json"))
