"""Test runs: the columns of decisions.md, 1."""

from artifactsvc.schemas.base import STATUSES, PageQuery, PartialSchema, Schema, optional, required
from artifactsvc.schemas.types import Id, OneOf, Text, Timestamp


class CreateTestRunSchema(Schema):
    id = optional(Id())
    name = required(Text(255, shortest=1))
    project = optional(Text(100))
    branch = optional(Text(255))
    commit_sha = optional(Text(64))
    build_url = optional(Text())
    environment = optional(Text(100))
    status = optional(OneOf(*STATUSES), "Pending")
    started_at = optional(Timestamp())
    completed_at = optional(Timestamp())


class UpdateTestRunSchema(PartialSchema):
    name = required(Text(255, shortest=1))
    project = optional(Text(100))
    branch = optional(Text(255))
    commit_sha = optional(Text(64))
    build_url = optional(Text())
    environment = optional(Text(100))
    status = required(OneOf(*STATUSES))
    started_at = optional(Timestamp())
    completed_at = optional(Timestamp())


class ListTestRunsQuery(PageQuery):
    project = optional(Text(100))
    branch = optional(Text(255))
    environment = optional(Text(100))
    status = optional(OneOf(*STATUSES))
