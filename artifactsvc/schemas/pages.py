"""The queries of the pages. An empty field of a filter form counts as absent."""

from datetime import UTC, date, datetime
from typing import Any

import colander
from colander import Invalid, SchemaNode

from artifactsvc.schemas.base import STATUSES, Schema, optional
from artifactsvc.schemas.types import FormInteger, OneOf, Text


class Filter(Text):
    """Text that is no filter when it is empty."""

    def deserialize(self, node: SchemaNode, value: Any) -> Any:
        return super().deserialize(node, value).strip() or None


class StatusFilter(OneOf):
    def deserialize(self, node: SchemaNode, value: Any) -> Any:
        return super().deserialize(node, value) if value else None


class Day(colander.SchemaType):
    """`2026-11-22`; midnight UTC."""

    def deserialize(self, node: SchemaNode, value: Any) -> Any:
        if not value:
            return None
        try:
            return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        except ValueError:
            raise Invalid(node, "must be a day such as 2026-11-22") from None


class RunsQuery(Schema):
    project = optional(Filter(100))
    branch = optional(Filter(255))
    status = optional(StatusFilter(*STATUSES))
    text = optional(Filter(255))
    since = optional(Day())
    until = optional(Day())
    after = optional(Filter(100))


class ResultsQuery(Schema):
    status = optional(StatusFilter(*STATUSES))
    text = optional(Filter(255))
    after = optional(Filter(100))


class RunQuery(Schema):
    status = optional(StatusFilter(*STATUSES))
    text = optional(Filter(255))
    page = optional(FormInteger(1), 1)


class ResultQuery(Schema):
    step = optional(FormInteger(1))
    iteration = optional(FormInteger(1))


class GalleryQuery(Schema):
    page = optional(FormInteger(1), 1)
