"""The nodes that every schema is made of."""

from typing import Any

import colander
from colander import SchemaNode

from artifactsvc.schemas.types import FormInteger, Mapping

STATUSES = ("Passed", "Failed", "Skipped", "Pending")


class Schema(colander.Schema):
    """A body: a JSON object, or the fields of a query or form."""

    schema_type = Mapping


class PartialSchema(colander.Schema):
    """The body of a PATCH: what is absent stays as it is."""

    @staticmethod
    def schema_type() -> Mapping:
        return Mapping(partial=True)


def optional(typ: colander.SchemaType, default: Any = None) -> SchemaNode:
    """A field that may be absent or null, and is `default` then."""
    return SchemaNode(typ, missing=default)


def required(typ: colander.SchemaType) -> SchemaNode:
    return SchemaNode(typ)


class PageQuery(Schema):
    """The query of every collection: `page` from 1, `per_page` from 1 to its limit (decisions.md, 1)."""

    page = optional(FormInteger(1), 1)
    per_page = optional(FormInteger(1, 500), 100)

    def after_bind(self, node: SchemaNode, kw: dict[str, Any]) -> None:
        limit = kw["settings"].max_per_page
        self["per_page"].typ = FormInteger(1, limit)
        self["per_page"].missing = min(100, limit)
