"""Thin: a view validates, calls one service, represents."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("artifactsvc.views.config")
    config.include("artifactsvc.views.pages")
    config.scan("artifactsvc.views.errors")
    config.scan("artifactsvc.views.api")
