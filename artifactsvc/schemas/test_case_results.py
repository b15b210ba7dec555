"""Test case results: the columns of decisions.md, 1."""

from artifactsvc.schemas.base import STATUSES, PageQuery, PartialSchema, Schema, optional, required
from artifactsvc.schemas.types import Id, Integer, OneOf, Text, Timestamp


class CreateTestCaseResultSchema(Schema):
    id = optional(Id())
    test_run_id = optional(Id())
    name = required(Text(500, shortest=1))
    full_name = optional(Text(1000, shortest=1))
    suite = optional(Text(500))
    status = optional(OneOf(*STATUSES), "Pending")
    duration_ms = optional(Integer())
    error_message = optional(Text())
    error_type = optional(Text(100))
    started_at = optional(Timestamp())
    completed_at = optional(Timestamp())


class UpdateTestCaseResultSchema(PartialSchema):
    test_run_id = optional(Id())
    name = required(Text(500, shortest=1))
    full_name = required(Text(1000, shortest=1))
    suite = optional(Text(500))
    status = required(OneOf(*STATUSES))
    duration_ms = optional(Integer())
    error_message = optional(Text())
    error_type = optional(Text(100))
    started_at = optional(Timestamp())
    completed_at = optional(Timestamp())


class ListTestCaseResultsQuery(PageQuery):
    test_run_id = optional(Id())
    full_name = optional(Text(1000))
    suite = optional(Text(500))
    status = optional(OneOf(*STATUSES))
