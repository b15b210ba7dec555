"""output.xml, made by Robot Framework 7 with SeleniumLibrary (tests/producers), and forms of version 6."""

import base64
import re
import shutil
import tracemalloc
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest

from artifactsvc.client.importers.robot import Robot
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped

from .reading import REPORTS, attached, content, named, outline, read, statuses

FOLDER = REPORTS / "robot"
BUYER = "Käufer kauft 登录"


def test_the_tests_agree_with_the_statistics():
    tests, skipped = read(FOLDER)
    total = ET.parse(FOLDER / "output.xml").find("statistics/total/stat")
    assert total is not None
    counts = statuses(tests)
    assert {"pass": str(counts["Passed"]), "fail": str(counts["Failed"]), "skip": str(counts["Skipped"])} == total.attrib
    assert [item.what for item in skipped] == [f"{FOLDER / 'output.xml'}: 1 messages of the run"]


def test_every_keyword_and_structure_that_has_a_status_is_a_step():
    tests, _ = read(FOLDER)
    steps = sum(1 for tag in ("kw", "for", "while", "iter", "if", "try", "branch", "variable") for _ in ET.parse(FOLDER / "output.xml").iter(tag))
    assert sum(len(test.steps) - 1 for test in tests) == steps  # each test has its outcome besides


def test_set_up_steps_and_tear_down_come_in_order():
    test = named(read(FOLDER)[0], BUYER)
    own = [step for step in outline(test) if not step[1].startswith(("Evaluate", "Call Method", "Create"))]
    assert own == [
        ("execute_script", "Set up of suite Geschäft: Log", "Passed"),
        ("navigate", "Set up of suite Shop: Open Shop", "Passed"),
        ("navigate", "Go To", "Passed"),
        ("execute_script", "Set up: Log", "Passed"),
        ("type", "Fill Form", "Passed"),
        ("type", "Input Text", "Passed"),
        ("screenshot", "Capture Page Screenshot", "Passed"),
        ("click", "Click Button", "Passed"),
        ("assert", "Element Text Should Be", "Passed"),
        ("screenshot", "Capture Page Screenshot", "Passed"),
        ("execute_script", "Tear down: Log", "Passed"),
        ("assert", "Outcome of the test", "Passed"),
    ]
    step = next(step for step in test.steps if step.action == "Input Text")
    assert (step.element_selector, step.input_value) == ("id:email", "${email}")
    assert step.description is not None
    assert step.description.startswith("Depth: 1 · in: Fill Form\nLibrary: SeleniumLibrary\nArguments: id:email, ${email}\n")
    assert "INFO Typing text 'jürgen@example.com' into text field 'id:email'." in step.description


def test_the_last_test_has_the_suites_tear_downs():
    last = read(FOLDER)[0][-1]
    assert [step.action for step in last.steps[-3:]] == ["Tear down of suite Shop: Close Browser", "Tear down of suite Geschäft: Log", "Outcome of the test"]


def test_loops_branches_and_tries_are_nested_steps():
    test = named(read(FOLDER)[0], "Control Structures")
    nested = [(step.action, (step.description or "").splitlines()[0].partition(" ·")[0]) for step in test.steps if "Depth" in (step.description or "")]
    assert ("Iteration 2: ${size} = L", "Depth: 1") in nested
    assert ("Capture Page Screenshot", "Depth: 2") in nested
    steps = {step.action: step for step in test.steps}
    assert {"FOR ${size} IN M, L", "IF / ELSE", "TRY / EXCEPT", "EXCEPT on *", "FINALLY", "VAR ${done} = yes", "WHILE ${i} < 2"} <= set(steps)
    assert steps["ELSE"].status == "Skipped"
    assert "Status in Robot Framework: NOT RUN" in (steps["ELSE"].description or "")
    assert steps["TRY"].status == "Failed"
    assert test.status == "Passed"


def test_linked_and_embedded_screenshots_belong_to_their_keyword_byte_for_byte():
    tests, _ = read(FOLDER)
    test = named(tests, BUYER)
    shots = [step.step_number for step in test.steps if step.step_type == "screenshot"]
    linked, embedded = attached(test, "kauf.png"), attached(test, "embedded.png")
    assert [linked.step_number, embedded.step_number] == shots
    assert content(linked) == (FOLDER / "kauf.png").read_bytes()
    raw = re.search(r"src=&quot;data:image/png;base64,([^&\"]+)|src=\"data:image/png;base64,([^\"]+)", (FOLDER / "output.xml").read_text())
    assert raw is not None
    assert content(embedded) == base64.b64decode(raw[1] or raw[2])
    assert linked.link_to_step
    assert embedded.link_to_step


def test_a_screenshot_in_a_loop_has_its_iteration():
    test = named(read(FOLDER)[0], "Control Structures")
    assert [(item.name, item.iteration_number) for item in test.attachments] == [("size-M.png", 1), ("size-L.png", 2)]


def test_a_failure_keeps_message_type_and_trace():
    test = named(read(FOLDER)[0], "Button Is Missing")
    step = next(step for step in test.steps if step.action == "Click Button")
    assert test.error_message == "Button with locator 'id:missing' not found."
    assert test.error_type == step.error_type == "SeleniumLibrary.errors.ElementNotFound"
    assert (step.stack_trace or "").startswith("Traceback (most recent call last):")
    assert step.element_selector == "id:missing"
    assert attached(test, "error.png").artifact_category == "error"
    assert next(step for step in test.steps if step.action == "Log").status == "Skipped"


def test_attempts_are_tests_of_the_same_full_name():
    attempts = [test for test in read(FOLDER)[0] if test.name == "Flaky"]
    assert [test.status for test in attempts] == ["Failed", "Passed"]
    assert {test.full_name for test in attempts} == {"Geschäft.Shop.Flaky"}


def test_tags_documentation_and_metadata_stand_in_the_outcome():
    lines = (named(read(FOLDER)[0], BUYER).steps[-1].description or "").splitlines()
    assert {"Buys a shirt.", "Tag: REQ-7", "Suite Geschäft: The shop, seen by a browser.", "Metadata of suite Geschäft, Version: 1.2 ß"} <= set(lines)


SIX = """<robot generator="Robot 6.1.1 (Python 3.11 on linux)" generated="20260102 03:04:05.678" rpa="false" schemaversion="4">
<suite id="s1" name="Six" source="/a">
<test id="s1-t1" name="Old" line="3">
<kw name="Handle Alert" library="SeleniumLibrary"><var>${x}</var><arg>DISMISS</arg><doc>d</doc>
<msg timestamp="20260102 03:04:05.100" level="INFO" html="true">&lt;a href="https://x.example/"&gt;there&lt;/a&gt;&lt;img src="lost.png"&gt;</msg>
<msg timestamp="20260102 03:04:05.100" level="FAIL">no alert</msg>
<status status="FAIL" starttime="20260102 03:04:05.000" endtime="20260102 03:04:06.500"/></kw>
<status status="FAIL" starttime="20260102 03:04:05.000" endtime="20260102 03:04:06.500">*HTML* &lt;b&gt;no&lt;/b&gt; alert</status></test>
<kw name="Quit" type="TEARDOWN"><status status="FAIL" starttime="N/A" endtime="N/A">cannot quit</status></kw>
<status status="FAIL" starttime="20260102 03:04:05.000" endtime="20260102 03:04:07.000"/></suite><statistics/><errors/></robot>"""


def test_version_6_reads_as_well(tmp_path):
    (tmp_path / "output.xml").write_text(SIX)
    test, skipped = Robot().read(tmp_path)
    assert isinstance(test, ReportTest)
    assert (test.status, test.error_message, test.duration_ms) == ("Failed", "no alert", 1500)
    assert test.started_at == datetime(2026, 1, 2, 3, 4, 5).astimezone()
    assert outline(test)[0] == ("dismiss_alert", "Handle Alert", "Failed")
    assert test.steps[0].error_message == "no alert"
    assert "[https://x.example/] there" in (test.steps[0].description or "")
    assert outline(test)[1] == ("execute_script", "Tear down of suite Six: Quit", "Failed")
    assert skipped == Skipped("Six.Old: attachment lost.png", "the file is missing")


def test_a_tear_down_of_the_suite_that_fails_fails_its_tests(tmp_path):
    (tmp_path / "output.xml").write_text(
        SIX.replace(
            '<status status="FAIL" starttime="20260102 03:04:05.000" endtime="20260102 03:04:06.500">*HTML* &lt;b&gt;no&lt;/b&gt; alert',
            '<status status="PASS">',
        )
    )
    test = next(Robot().read(tmp_path))
    assert isinstance(test, ReportTest)
    assert (test.status, test.error_message) == ("Failed", "Tear down of suite Six failed: cannot quit")


def test_a_tear_down_of_the_suite_that_fails_leaves_skipped_tests_alone(tmp_path):
    (tmp_path / "output.xml").write_text(re.sub(r'FAIL(" [^>]*>)\*HTML\*', r"SKIP\1", SIX))
    test = next(Robot().read(tmp_path))
    assert test.status == "Skipped"


def test_paths_outside_and_damaged_pictures_are_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    sources = ["../secret.png", "/etc/passwd", "file:///etc/passwd", "data:image/png;base64,%%%", "%2e%2e/secret.png"]
    html = "".join(f'&lt;img src="{source}"&gt;' for source in sources)
    (tmp_path / "in" / "output.xml").write_text(SIX.replace('&lt;img src="lost.png"&gt;', html))
    test, *skipped = Robot().read(tmp_path / "in")
    assert test.attachments == []
    assert [item.why for item in skipped][:3] == ["lies outside of the report's folder"] * 3
    assert len(skipped) == 5


def test_a_run_that_was_killed_keeps_its_finished_tests(tmp_path):
    text = (FOLDER / "output.xml").read_text()
    (tmp_path / "output.xml").write_text(text[: text.index('name="Printer"')])
    tests, skipped = read(tmp_path)
    assert [test.name for test in tests] == [BUYER, "Control Structures", "Button Is Missing"]
    assert skipped[-1].what.startswith("the rest of ")


@pytest.mark.parametrize("text", ["", "<robot>", "<other/>", "<!DOCTYPE robot><robot/>", "<robot"])
def test_what_is_no_report_is_refused(tmp_path, text):
    (tmp_path / "output.xml").write_text(text)
    with pytest.raises(ImportFailedError, match=r"output\.xml"):
        list(Robot().read(tmp_path / "output.xml"))


def test_several_outputs_in_a_folder_are_all_read(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "a")
    shutil.copytree(FOLDER, tmp_path / "b")
    assert len(read(tmp_path)[0]) == 12


def test_memory_stays_flat(tmp_path):
    def peak(count):
        message = f'<msg time="2026-01-02T03:04:05" level="INFO">{"x" * 2000}</msg><status status="PASS" start="2026-01-02T03:04:05" elapsed="0.1"/>'
        test = f'<test id="t" name="n"><kw name="Log">{message}</kw><status status="PASS" start="2026-01-02T03:04:05" elapsed="0.1"/></test>'
        (tmp_path / "output.xml").write_text(f'<robot><suite name="s"><suite name="t">{test * count}</suite></suite></robot>')
        tracemalloc.start()
        try:
            assert sum(1 for _ in Robot().read(tmp_path)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(2000) < peak(200) + 500_000  # the file is 4 MB
