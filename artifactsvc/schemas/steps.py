"""Steps: the contract's table 1, endpoints 1, 2 and 8, and decisions.md, 3."""

from typing import Any

from colander import Invalid, SchemaNode, drop

from artifactsvc.schemas.base import STATUSES, PartialSchema, Schema, optional, required
from artifactsvc.schemas.types import FormBoolean, Id, Integer, OneOf, Sequence, Text, Timestamp


class StepSchema(Schema):
    step_number = required(Integer(1))
    step_type = required(OneOf())
    action = optional(Text(100))
    description = optional(Text())
    status = optional(OneOf(*STATUSES), "Pending")
    duration_ms = optional(Integer())
    element_selector = optional(Text())
    element_name = optional(Text(255))
    element_type = optional(Text(50))
    input_value = optional(Text())
    expected_value = optional(Text())
    actual_value = optional(Text())
    error_message = optional(Text())
    error_type = optional(Text(100))
    stack_trace = optional(Text())
    screenshot_artifact_id = optional(Id(), drop)  # PUT keeps the screenshot where the body does not name one
    started_at = optional(Timestamp())
    completed_at = optional(Timestamp())

    def after_bind(self, node: SchemaNode, kw: dict[str, Any]) -> None:
        self["step_type"].typ = OneOf(*kw["settings"].step_types)


class UploadStepsSchema(Schema):
    """POST and PUT: `{"steps": [...]}`, each `step_number` once."""

    steps = SchemaNode(Sequence(shortest=1), StepSchema())

    def after_bind(self, node: SchemaNode, kw: dict[str, Any]) -> None:
        self["steps"].typ = Sequence(shortest=1, longest=kw["settings"].max_steps)

    def validator(self, node: SchemaNode, value: dict[str, Any]) -> None:
        seen = set()
        for index, step in enumerate(value["steps"]):
            if step["step_number"] in seen:
                raise _at(node, index, f"{step['step_number']} is there more than once")
            seen.add(step["step_number"])


def _at(node: SchemaNode, index: int, message: str) -> Invalid:
    steps = node["steps"]
    step = steps.children[0]
    problem, in_steps, in_step = Invalid(node), Invalid(steps), Invalid(step)
    in_step.add(Invalid(step["step_number"], message), 0)
    in_steps.add(in_step, index)
    problem.add(in_steps, 0)
    return problem


class ListStepsQuery(Schema):
    status = optional(OneOf(*STATUSES))
    include_artifacts = optional(FormBoolean(), True)


class LinkScreenshotSchema(PartialSchema):
    """PATCH of a step: null takes the screenshot away, `{}` changes nothing."""

    screenshot_artifact_id = optional(Id())
