"""Artifacts: the form fields of endpoint 3, an item of the metadata of endpoint 4, the query of endpoint 5."""

from artifactsvc.schemas.base import PageQuery, Schema, optional, required
from artifactsvc.schemas.types import Boolean, FormBoolean, FormInteger, Integer, OneOf, Text, Timestamp

TYPES = ("screenshot", "log", "video", "har", "other")
CATEGORIES = ("before", "after", "error", "checkpoint")


class UploadArtifactSchema(Schema):
    """The fields beside `file`; all of them text, as forms are."""

    artifact_type = required(OneOf(*TYPES))
    step_number = optional(FormInteger(1))
    iteration_number = optional(FormInteger(1), 1)
    artifact_category = optional(OneOf(*CATEGORIES))
    description = optional(Text())
    captured_at = optional(Timestamp())
    checksum = optional(Text())
    link_to_step = optional(FormBoolean(), False)


class UploadBatchSchema(Schema):
    """The fields beside `files`; what is in `metadata` is read by itself."""

    metadata = required(Text())


class BatchItemSchema(Schema):
    """One item of `metadata`; its `file_index` is checked for the whole request, before the items are."""

    artifact_type = required(OneOf(*TYPES))
    step_number = optional(Integer(1))
    iteration_number = optional(Integer(1), 1)
    artifact_category = optional(OneOf(*CATEGORIES))
    description = optional(Text())
    captured_at = optional(Timestamp())
    checksum = optional(Text())
    link_to_step = optional(Boolean(), False)


class ListArtifactsQuery(PageQuery):
    artifact_type = optional(OneOf(*TYPES))
    step_number = optional(FormInteger(1))
