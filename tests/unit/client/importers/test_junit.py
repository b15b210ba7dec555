"""JUnit XML, made by pytest (tests/producers), and forms that other tools write."""

import os
import shutil
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from artifactsvc.client.importers.junit import JUnit
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped

from .reading import REPORTS, attached, content, named, read, statuses

FOLDER = REPORTS / "junit"


def written(tmp_path, body, name="junit.xml"):
    file = tmp_path / name
    file.write_text(body)
    return file


def test_every_testcase_becomes_a_test():
    tests, skipped = read(FOLDER)
    cases = list(ET.parse(FOLDER / "junit.xml").iter("testcase"))
    assert [test.name for test in tests] == [case.get("name") for case in cases]
    assert [test.full_name for test in tests] == [f"{case.get('classname')}.{case.get('name')}" for case in cases]
    assert statuses(tests) == {"Passed": 5, "Failed": 2, "Skipped": 2}
    assert skipped == [Skipped("pytest.plain.TestLogin.test_refused: attachment pictures/lost.png", "the file is missing")]


def test_output_is_logs_and_attachments_are_files():
    test = named(read(FOLDER)[0], "test_ok")
    raw = next(ET.parse(FOLDER / "junit.xml").iter("testcase"))
    assert content(attached(test, "system-out.txt")).decode() == raw.findtext("system-out")
    assert content(attached(test, "system-err.txt")).decode() == raw.findtext("system-err")
    assert attached(test, "system-out.txt").artifact_type == "log"
    assert content(attached(test, "login.png")) == (FOLDER / "login.png").read_bytes()
    assert attached(test, "login.png").artifact_type == "screenshot"


def test_headings_without_output_are_no_log():
    assert named(read(FOLDER)[0], "test_print").attachments == []


def test_a_failure_keeps_message_type_trace_and_screenshot():
    test = named(read(FOLDER)[0], "test_refused")
    (step,) = test.steps
    assert (test.error_type, step.status) == ("AssertionError", "Failed")
    assert "Karte abgelehnt" in (test.error_message or "")
    assert "plain.py:32: AssertionError" in (step.stack_trace or "")
    shot = attached(test, "refused error.png")
    assert (shot.step_number, shot.artifact_category, shot.link_to_step) == (1, "error", True)


def test_properties_stand_in_the_outcome():
    assert named(read(FOLDER)[0], "test_ok").steps[-1].description == "Property requirement: REQ-7\nProperty Browser: Chromium „Grün“"


def test_times_come_from_the_suite():
    test = read(FOLDER)[0][0]
    assert test.started_at is not None
    assert test.started_at.astimezone(UTC).year == 2026
    raw = next(ET.parse(FOLDER / "junit.xml").iter("testcase"))
    assert test.duration_ms == round(float(raw.get("time", "")) * 1000)


def test_a_time_without_offset_is_local(tmp_path):
    file = written(tmp_path, '<testsuite name="s" timestamp="2026-01-02T03:04:05"><testcase name="t" time="1,234.5"/></testsuite>')
    (test,) = JUnit().read(file)
    assert isinstance(test, ReportTest)
    assert test.started_at == datetime(2026, 1, 2, 3, 4, 5).astimezone()
    assert test.duration_ms == 1_234_500


def test_attempts_of_surefire_are_tests_in_the_order_of_time(tmp_path):
    body = """<testsuites><testsuite name="outer"><testsuite name="inner">
      <testcase classname="c" name="flaky" time="1">
        <flakyFailure message="boom" type="E1"><stackTrace>at X</stackTrace><system-out>first</system-out></flakyFailure></testcase>
      <testcase classname="c" name="bad" time="2">
        <failure message="one" type="E2">trace 1</failure><rerunFailure message="two" type="E3">trace 2</rerunFailure></testcase>
    </testsuite></testsuite></testsuites>"""
    tests = [test for test in JUnit().read(written(tmp_path, body)) if isinstance(test, ReportTest)]
    assert [(test.full_name, test.status, test.error_message) for test in tests] == [
        ("c.flaky", "Failed", "boom"),
        ("c.flaky", "Passed", None),
        ("c.bad", "Failed", "one"),
        ("c.bad", "Failed", "two"),
    ]
    assert tests[0].steps[-1].stack_trace == "at X"
    assert content(attached(tests[0], "system-out.txt")) == b"first"
    assert {test.suite for test in tests} == {"outer > inner"}
    assert len({test.key for test in tests}) == 4


def test_identical_testcases_have_keys_of_their_own(tmp_path):
    tests = list(JUnit().read(written(tmp_path, '<testsuite name="s"><testcase name="t"/><testcase name="t"/></testsuite>')))
    assert len({test.key for test in tests}) == 2


def test_what_a_suite_prints_goes_to_its_last_test(tmp_path):
    (tmp_path / "a.png").write_bytes(b"png")
    rest = '<system-out>all [[ATTACHMENT|a.png]]</system-out><error message="suite broke"/>'
    body = f'<testsuite name="s"><testcase name="a"/><testcase name="b"/>{rest}</testsuite>'
    first, last, skipped = JUnit().read(written(tmp_path, body))
    assert first.attachments == []
    assert [(item.name, content(item)) for item in last.attachments] == [("system-out.txt", b"all [[ATTACHMENT|a.png]]"), ("a.png", b"png")]
    assert skipped == Skipped("suite s: error", "suite broke")


def test_unknown_elements_and_attributes_stand_in_the_outcome(tmp_path):
    children = '<custom x="1">text</custom><skipped/><error message="also">why</error>'
    body = f'<testsuite name="s"><testcase name="t" file="a.py" line="7" status="notrun">{children}</testcase></testsuite>'
    (test,) = JUnit().read(written(tmp_path, body))
    assert test.status == "Failed"
    description = test.steps[-1].description
    assert all(text in description for text in ("file: a.py", "line: 7", "custom: text", "Also skipped"))


def test_a_folder_may_hold_several_reports(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "one")
    shutil.copytree(FOLDER, tmp_path / "two")
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "two" / "broken.xml").write_text('<testsuite name="s"><testcase')
    tests, skipped = read(tmp_path)
    assert len(tests) == 18
    assert [item.what.rsplit("/", 1)[-1] for item in skipped if "attachment" not in item.what] == ["broken.xml"]


def test_attachments_below_the_current_folder_count_when_the_report_is_there(tmp_path, monkeypatch):
    (tmp_path / "reports").mkdir()
    (tmp_path / "shots").mkdir()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "shots" / "a.png").write_bytes(b"png")
    (tmp_path / ".ssh" / "id").write_bytes(b"key")
    names = ["shots/a.png", str(tmp_path / "shots" / "a.png"), ".ssh/id", "/etc/hostname"]
    out = "".join(f"[[ATTACHMENT|{name}]]\n" for name in names)
    file = written(tmp_path / "reports", f'<testsuite name="s"><testcase name="t"><system-out>{out}</system-out></testcase></testsuite>')

    def taken():
        return [item.path for test in JUnit().read(file) if isinstance(test, ReportTest) for item in test.attachments if item.path]

    monkeypatch.chdir(tmp_path)
    assert taken() == [tmp_path.resolve() / "shots" / "a.png"] * 2
    monkeypatch.chdir("/")
    assert taken() == []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert taken() == []


def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.log")
    file = written(tmp_path, '<testsuite name="s"><testcase name="t"><system-out>[[ATTACHMENT|pipe.log]]</system-out></testcase></testsuite>')
    (skipped,) = [item for item in JUnit().read(file) if isinstance(item, Skipped)]
    assert skipped.why == "the file is missing"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"><testcase name="t"/></testsuite>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite name="s"><testcase name="t"><system-out>&a;</system-out></testcase></testsuite>'


@pytest.mark.parametrize("body", [BOMB, EXTERNAL, '<!DOCTYPE testsuite SYSTEM "http://x.example/a.dtd"><testsuite/>'])
def test_a_document_type_is_refused(tmp_path, body):
    with pytest.raises(ImportFailedError, match="DOCTYPE"):
        list(JUnit().read(written(tmp_path, body)))


@pytest.mark.parametrize(
    "body", ["", "text", "<testsuite>", "<project/>", "\x00\x01", '<?xml version="1.0" encoding="odd"?><testsuite/>', "<testsuite>\x01</testsuite>"]
)
def test_what_is_no_report_is_refused_with_its_name(tmp_path, body):
    with pytest.raises(ImportFailedError, match=r"junit\.xml"):
        list(JUnit().read(written(tmp_path, body)))


def test_tests_before_the_damage_are_kept(tmp_path):
    file = written(tmp_path, '<testsuite name="s"><testcase name="a"/><testcase name="b"/><testcase name="c"')
    first, second, skipped = JUnit().read(file)
    assert (first.name, second.name) == ("a", "b")
    assert skipped.what == f"the rest of {file}"


def test_memory_stays_flat(tmp_path):
    import tracemalloc

    def peak(count):
        case = f'<testcase classname="c" name="n" time="0.1"><system-out>{"x" * 2000}</system-out></testcase>'
        file = written(tmp_path, f'<testsuites><testsuite name="s">{case * count}</testsuite></testsuites>', f"{count}.xml")
        tracemalloc.start()
        try:
            assert sum(1 for _ in JUnit().read(file)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(3000) < peak(300) + 500_000  # the file is 6 MB


@pytest.mark.parametrize(
    "name", ["C:\\ci\\shop\\out\\shot 1.png", "/builds/shop/out/shot 1.png", "file:///builds/out/shot%201.png", "out/shot%201.png", "out\\shot 1.png"]
)
def test_paths_of_other_machines_are_found_below_the_report(tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "shot 1.png").write_bytes(b"png")
    (test,) = JUnit().read(written(tmp_path, f'<testsuite name="s"><testcase name="t"><system-out>[[ATTACHMENT|{name}]]</system-out></testcase></testsuite>'))
    assert content(attached(test, "shot 1.png")) == b"png"
