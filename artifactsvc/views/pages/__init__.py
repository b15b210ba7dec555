"""The pages, one file per page. Server-rendered; they use the same services as the API."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("artifactsvc.views.pages.rendering")
    config.include("artifactsvc.views.pages.storage")
    config.scan("artifactsvc.views.pages")
