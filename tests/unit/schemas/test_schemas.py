"""The schemas as a whole: any JSON either validates and fits its columns, or is a ValidationError."""

from datetime import datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String

from artifactsvc.exceptions import ValidationError
from artifactsvc.models import Artifact, Step, TestCaseResult, TestRun
from artifactsvc.schemas import form_values, validate
from artifactsvc.schemas.artifacts import BatchItemSchema, ListArtifactsQuery, UploadArtifactSchema
from artifactsvc.schemas.steps import LinkScreenshotSchema, ListStepsQuery, StepSchema, UploadStepsSchema
from artifactsvc.schemas.test_case_results import CreateTestCaseResultSchema, ListTestCaseResultsQuery, UpdateTestCaseResultSchema
from artifactsvc.schemas.test_runs import CreateTestRunSchema, ListTestRunsQuery, UpdateTestRunSchema
from artifactsvc.settings import STEP_TYPES, Settings

SETTINGS = Settings()
BODIES = {
    StepSchema: Step,
    LinkScreenshotSchema: Step,
    CreateTestCaseResultSchema: TestCaseResult,
    UpdateTestCaseResultSchema: TestCaseResult,
    CreateTestRunSchema: TestRun,
    UpdateTestRunSchema: TestRun,
    BatchItemSchema: Artifact,
}
FORMS = {
    UploadArtifactSchema: Artifact,
    ListArtifactsQuery: Artifact,
    ListStepsQuery: Step,
    ListTestCaseResultsQuery: TestCaseResult,
    ListTestRunsQuery: TestRun,
}
UUID = "0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"

LIKELY = st.sampled_from([
    *STEP_TYPES, "Passed", "Failed", "Pending", "screenshot", "log", "after", "error", UUID, UUID.upper(), "2026-01-24T12:00:00+02:00",
    "0001-01-01T00:00:00", "1", "0", "01",
    "true", "", "\0", "\ud800", "x" * 50, "x" * 51, "x" * 100, "x" * 101, "x" * 255, "x" * 256, "ü" * 500, "x" * 501, "x" * 1001, 0, 1, -1, 2147483647,
    2147483648, 10**400, 1.0, True,
    False, None,
])  # fmt: skip
TEXTS = st.text(st.characters(), max_size=20)  # with lone surrogates
SCALARS = st.one_of(LIKELY, TEXTS, st.integers(), st.floats(), st.booleans(), st.none())
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8)


def bound(schema):
    return schema().bind(settings=SETTINGS)


def names(schema):
    return [child.name for child in schema().children]


def check(schema, value):
    """The checked value or None; a ValidationError must be one that can be sent."""
    try:
        return validate(bound(schema), value)
    except ValidationError as error:
        text = orjson.loads(orjson.dumps({"detail": str(error), "errors": error.errors}))
        assert text["detail"]
        assert text["errors"] or text["detail"].startswith("The body ")  # what is no object has no fields
        assert "\n" not in text["detail"]
        return None


def assert_fits(table, values):
    columns = table.__table__.columns
    for name, value in values.items():
        if name not in columns or value is None:
            continue
        kind = columns[name].type
        if isinstance(value, datetime):
            assert value.utcoffset().total_seconds() == 0
        elif isinstance(kind, Integer):
            assert type(value) is int
            assert 0 <= value <= 2147483647
        else:
            assert type(value) is str
            value.encode()
            assert "\0" not in value
            assert not isinstance(kind, String) or kind.length is None or len(value) <= kind.length


FAST = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@given(schema=st.sampled_from(list(BODIES)), value=JSON)
@settings(max_examples=150, **FAST)
def test_body_validates_or_is_a_validation_error_when_it_is_any_json(schema, value):
    check(schema, value)


@given(data=st.data(), schema=st.sampled_from(list(BODIES)))
@settings(max_examples=300, **FAST)
def test_body_fits_its_columns_when_it_validates(data, schema):
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names(schema), SCALARS)))
    checked = check(schema, body)
    if checked is not None:
        assert_fits(BODIES[schema], checked)


@given(data=st.data(), name=st.sampled_from(names(StepSchema)))
@settings(max_examples=200, **FAST)
def test_step_fits_its_columns_when_one_member_is_anything(data, name):
    value = data.draw(JSON)
    checked = check(StepSchema, {"step_number": 1, "step_type": "click", name: value})
    if checked is not None:
        assert_fits(Step, checked)


@given(data=st.data(), schema=st.sampled_from(list(FORMS)))
@settings(max_examples=300, **FAST)
def test_form_fits_its_columns_when_it_validates(data, schema):
    texts = SCALARS.filter(lambda value: type(value) is str)
    checked = check(schema, data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names(schema), texts))))
    if checked is not None:
        assert_fits(FORMS[schema], checked)


@given(steps=st.lists(st.one_of(JSON, st.fixed_dictionaries({"step_number": st.integers(0, 4), "step_type": st.sampled_from(STEP_TYPES)})), max_size=4))
@settings(max_examples=150, **FAST)
def test_steps_have_different_numbers_when_they_validate(steps):
    checked = check(UploadStepsSchema, {"steps": steps})
    if checked is not None:
        numbers = [step["step_number"] for step in checked["steps"]]
        assert len(numbers) == len(set(numbers)) == len(steps) > 0


@pytest.mark.parametrize(
    ("schema", "value", "errors"),
    [
        (UploadStepsSchema, {}, {"steps": "Required"}),
        (UploadStepsSchema, {"steps": []}, {"steps": "must have at least 1 item"}),
        (
            UploadStepsSchema,
            {"steps": [{"step_number": 1, "step_type": "click"}, {"step_number": 1, "step_type": "click"}]},
            {"steps.1.step_number": "1 is there more than once"},
        ),
        (UploadStepsSchema, {"steps": [{"step_number": 0, "step_type": "click"}]}, {"steps.0.step_number": "must be from 1 to 2147483647"}),
        (UploadStepsSchema, {"steps": [1]}, {"steps.0": "must be an object"}),
        (
            UploadStepsSchema,
            {"steps": [{"step_type": "click", "status": "passed"}]},
            {"steps.0.step_number": "Required", "steps.0.status": "must be one of Passed, Failed, Skipped, Pending"},
        ),
        (UploadArtifactSchema, {}, {"artifact_type": "Required"}),
    ],
)
def test_errors_name_the_field_as_it_was_sent_when_a_body_does_not_validate(schema, value, errors):
    with pytest.raises(ValidationError) as caught:
        validate(bound(schema), value)
    assert caught.value.errors == errors
    where, what = next(iter(errors.items()))
    assert str(caught.value) == f"{where}: {what}"


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_body_itself_is_named_when_it_is_no_object(value):
    with pytest.raises(ValidationError, match=r"^The body must be an object$"):
        validate(bound(CreateTestRunSchema), value)


@pytest.mark.parametrize(("count", "good"), [(1, True), (10_000, True), (10_001, False)])
def test_number_of_steps_is_bounded_when_steps_are_sent(count, good):
    steps = [{"step_number": number + 1, "step_type": "click"} for number in range(count)]
    assert (check(UploadStepsSchema, {"steps": steps}) is not None) is good


@pytest.mark.parametrize(
    ("query", "good"),
    [({"page": "2147483647", "per_page": "500"}, True), ({"page": "0"}, False), ({"per_page": "501"}, False), ({"page": "2147483648"}, False)],
)
def test_page_is_bounded_when_a_list_is_asked_for(query, good):
    assert (check(ListTestRunsQuery, query) is not None) is good


def test_page_follows_the_setting_when_it_is_small():
    schema = ListTestRunsQuery().bind(settings=Settings(max_per_page=20))
    assert validate(schema, {})["per_page"] == 20
    with pytest.raises(ValidationError):
        validate(schema, {"per_page": "21"})


def test_step_types_follow_the_setting_when_it_is_widened():
    schema = StepSchema().bind(settings=Settings(step_types=("swipe",)))
    assert validate(schema, {"step_number": 1, "step_type": "swipe"})["status"] == "Pending"


def test_screenshot_is_absent_only_when_the_body_does_not_name_it():
    step = {"step_number": 1, "step_type": "click"}
    assert "screenshot_artifact_id" not in validate(bound(StepSchema), step)
    assert validate(bound(StepSchema), {**step, "screenshot_artifact_id": None})["screenshot_artifact_id"] is None


def test_form_field_is_refused_when_given_twice():
    with pytest.raises(ValidationError, match="status: given more than once"):
        form_values(ListStepsQuery(), {"status": ["a", "b"], "unknown": ["c", "d"]})
