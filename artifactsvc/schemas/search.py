"""The query of the search page: whatever somebody types is a question, never an error."""

from typing import Any

import colander
from colander import SchemaNode

from artifactsvc.schemas.base import Schema, optional
from artifactsvc.schemas.types import FormInteger


class Anything(colander.SchemaType):
    def deserialize(self, node: SchemaNode, value: Any) -> str:
        return str(value)


class SearchQuery(Schema):
    """`before` is where the page before ended."""

    q = optional(Anything(), "")
    before = optional(FormInteger(1, 2**63 - 1))
