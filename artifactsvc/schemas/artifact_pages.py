"""The queries of an artifact's page and of what its scripts ask for. Forms send empty fields; those count as absent."""

from artifactsvc.schemas.base import Schema, optional, required
from artifactsvc.schemas.types import FormBoolean, FormInteger, OneOf, Text

KINDS = ("document", "script", "stylesheet", "image", "font", "data", "media", "other")
STATUSES = ("2", "3", "4", "5", "failed")
SORTS = ("start", "method", "status", "type", "size", "time", "url")
LONGEST_QUERY = 200


class ArtifactPageQuery(Schema):
    """`line`, `q` and `hit` are for texts, `q` and the rest for HTTP archives."""

    view = optional(OneOf("", "text"))
    line = optional(FormInteger(1))
    q = optional(Text(LONGEST_QUERY))
    hit = optional(FormInteger(1))
    kind = optional(OneOf("", *KINDS))
    status = optional(OneOf("", *STATUSES))
    sort = optional(OneOf("", *SORTS))
    order = optional(OneOf("", "asc", "desc"))
    page = optional(FormInteger(1), 1)
    entry = optional(FormInteger(0))


class LinesQuery(Schema):
    """`whole`: line `first` alone, as far as a browser can take it."""

    first = optional(FormInteger(1), 1)
    whole = optional(FormBoolean(), False)
    q = optional(Text(LONGEST_QUERY))


class FindQuery(Schema):
    q = required(Text(LONGEST_QUERY, 1))
    first = optional(FormInteger(1), 1)


class EntryQuery(Schema):
    number = required(FormInteger(0))
