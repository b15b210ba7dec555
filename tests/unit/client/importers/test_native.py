"""The native result.json, its schema, and what the reader makes of it."""

import contextlib
import json
from datetime import UTC, datetime

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifactsvc.client.importers import find_importer
from artifactsvc.client.importers.native import Native, schema_text
from artifactsvc.client.importers.schema_check import problems
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped
from artifactsvc.settings import STEP_TYPES

from .reading import REPORTS, attached, content, outline, read

FOLDER = REPORTS / "native"
SCHEMA = json.loads(schema_text())
VALID = jsonschema.Draft202012Validator(SCHEMA)


def written(tmp_path, value):
    (tmp_path / "result.json").write_text(json.dumps(value))
    return tmp_path


def test_the_schema_is_one_and_lists_the_contracts_step_types():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["$defs"]["step"]["properties"]["step_type"]["examples"]) == STEP_TYPES


def test_the_schemas_columns_are_those_of_the_report():
    from dataclasses import fields

    from artifactsvc.client.report import ReportStep

    assert set(SCHEMA["$defs"]["step"]["properties"]) == {field.name for field in fields(ReportStep)}
    assert set(SCHEMA["$defs"]["test"]["properties"]) - {"$schema", "artifacts"} == {field.name for field in fields(ReportTest)} - {"key", "attachments"}


def test_the_kept_report_is_valid_and_reads_whole():
    VALID.validate(json.loads((FOLDER / "result.json").read_text()))
    tests, skipped = read(FOLDER)
    assert skipped == []
    assert [(test.full_name, test.status) for test in tests] == [("bank/transfer", "Failed"), ("bank/transfer", "Passed"), ("Drucken", "Skipped")]
    failed = tests[0]
    assert outline(failed) == [("navigate", "Open bank", "Passed"), ("click", "Click transfer", "Failed")]
    assert failed.started_at == datetime(2026, 1, 24, 12, tzinfo=UTC)
    assert failed.steps[1].element_selector == "button[type='submit']"
    assert failed.steps[1].stack_trace == "Traceback (most recent call last):\n  …"


def test_files_belong_to_their_steps_byte_for_byte():
    test = read(FOLDER)[0][0]
    assert {(item.name, item.artifact_type, item.artifact_category, item.step_number, item.link_to_step) for item in test.attachments} == {
        ("overlay.png", "screenshot", "error", 2, True),
        ("console.log", "log", None, None, False),
        ("traffic.har", "har", None, None, False),
    }
    assert content(attached(test, "overlay.png")) == (FOLDER / "files" / "overlay.png").read_bytes()
    assert attached(test, "console.log").description == "what the browser said"


def test_one_test_alone_is_a_report_too(tmp_path):
    (test,) = Native().read(written(tmp_path, {"$schema": "x", "name": "a", "steps": [{"step_number": 1, "step_type": "click"}]}))
    assert (test.name, test.full_name, test.status, test.steps[0].status) == ("a", "a", "Pending", "Pending")


def test_a_time_without_offset_is_utc_as_in_the_api(tmp_path):
    (test,) = Native().read(written(tmp_path, {"name": "a", "started_at": "2026-01-24T12:00:00"}))
    assert test.started_at == datetime(2026, 1, 24, 12, tzinfo=UTC)


def test_link_to_step_is_as_said_and_else_the_last_screenshot(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    artifacts = [{"file": f"{name}.png", "step_number": 1} for name in "abc"]
    (test,) = Native().read(written(tmp_path, {"name": "t", "artifacts": artifacts}))
    assert [item.link_to_step for item in test.attachments] == [False, False, True]
    artifacts[0]["link_to_step"] = True
    (test,) = Native().read(written(tmp_path, {"name": "t", "artifacts": artifacts}))
    assert [item.link_to_step for item in test.attachments] == [True, False, False]


def test_a_wrong_test_of_several_is_skipped_with_its_place(tmp_path):
    steps = [{"step_number": 1, "step_type": "click", "status": "passed"}]
    tests = [{"name": "good"}, {"name": "bad", "steps": steps}, {"name": "good"}, 7]
    items = list(Native().read(written(tmp_path, {"tests": tests, "run": {}})))
    assert len([item for item in items if isinstance(item, ReportTest)]) == 2
    assert len({item.key for item in items if isinstance(item, ReportTest)}) == 2
    skipped = [item for item in items if isinstance(item, Skipped)]
    assert [item.why for item in skipped] == [
        "steps.0.status: must be one of Passed, Failed, Skipped, Pending",
        "the test: must be object",
        "not in the schema (artifactsvc schema)",
    ]
    assert skipped[0].what.endswith("result.json: tests.1 bad")


def test_a_step_number_twice_is_refused(tmp_path):
    steps = [{"step_number": 1, "step_type": "click"}] * 2
    (skipped,) = Native().read(written(tmp_path, {"tests": [{"name": "t", "steps": steps}]}))
    assert skipped.why == "steps: step_number 1 is there twice"


@pytest.mark.parametrize("file", ["../secret.txt", "/etc/passwd", "missing.txt", "link", ".", ""])
def test_files_outside_or_missing_are_skipped(tmp_path, file):
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret.txt")
    items = list(Native().read(written(tmp_path / "in", {"tests": [{"name": "t", "artifacts": [{"file": file}]}]})))
    assert isinstance(items[-1], Skipped)
    assert not any(item.attachments for item in items if isinstance(item, ReportTest))


@pytest.mark.parametrize("text", ["", "[", "[]", "5", '{"name": ""}', '{"name": "a", "stattus": "Passed"}', '{"name": "a"', '{"name": "\\ud800', "{\xff}"])
def test_what_is_no_report_is_refused_with_its_name(tmp_path, text):
    (tmp_path / "result.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ImportFailedError, match=r"result\.json"):
        list(Native().read(tmp_path))


def test_tests_before_the_damage_are_kept(tmp_path):
    (tmp_path / "result.json").write_text('{"tests": [{"name": "a"}, {"name": "b"}, {"na')
    *tests, skipped = Native().read(tmp_path)
    assert [test.name for test in tests] == ["a", "b"]
    assert skipped.what.startswith("the rest of")


texts = st.none() | st.text(st.characters(codec="utf-8"), max_size=120)
integers = st.none() | st.integers(-1, 2**31) | st.booleans() | st.just("1")
words = st.sampled_from(["Passed", "Failed", "passed", None, "before", "click", 5])
junk = st.dictionaries(st.sampled_from(["x", "name", "steps"]), st.integers() | texts, max_size=1)


def made(definition, values):
    names = [name for name in SCHEMA["$defs"][definition]["properties"] if name not in ("steps", "artifacts")]
    return st.builds(lambda base, extra: base | extra, st.fixed_dictionaries({}, optional={name: values(name) for name in names}), junk)


def value_for(name):
    if name in ("name", "file", "step_type"):
        return st.text(st.characters(codec="utf-8"), max_size=60)
    if name in ("step_number", "duration_ms", "iteration_number"):
        return integers
    return words if name in ("status", "artifact_type", "artifact_category") else texts


tests_made = st.builds(
    lambda test, steps, artifacts: test | steps | artifacts,
    made("test", value_for),
    st.fixed_dictionaries({}, optional={"steps": st.lists(made("step", value_for), max_size=2)}),
    st.fixed_dictionaries({}, optional={"artifacts": st.lists(made("artifact", value_for), max_size=2)}),
)


@settings(max_examples=150, deadline=None)
@given(tests_made)
def test_the_small_check_agrees_with_a_whole_implementation_of_json_schema(value):
    without_times = {name: item for name, item in value.items() if name not in ("started_at", "completed_at")}  # formats are notes to jsonschema
    for part in ("steps", "artifacts"):
        for item in without_times.get(part, []) if isinstance(without_times.get(part), list) else []:
            for name in ("started_at", "completed_at", "captured_at"):
                item.pop(name, None)
    wanted = jsonschema.Draft202012Validator(SCHEMA["$defs"]["test"] | {"$defs": SCHEMA["$defs"]}).is_valid(without_times)
    assert (problems(without_times, SCHEMA["$defs"]["test"], SCHEMA) == []) == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_any_json_is_read_or_refused_in_words(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("native")
    written(folder, value)
    items = []
    with contextlib.suppress(ImportFailedError):
        items = list(Native().read(folder))
    assert all(isinstance(item, ReportTest | Skipped) for item in items)


def test_the_example_in_the_docs_is_valid():
    docs = (REPORTS.parents[1] / "docs" / "ci" / "native.md").read_text()
    VALID.validate(json.loads(docs.partition("```json\n")[2].partition("```")[0]))


def test_a_report_of_playwright_by_this_name_is_playwrights(tmp_path):
    (tmp_path / "result.json").write_bytes((REPORTS / "playwright" / "report.json").read_bytes())
    assert find_importer(tmp_path).name == "playwright"
