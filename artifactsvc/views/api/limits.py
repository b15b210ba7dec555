"""`/limits`: what the server takes, so that a client decides before it sends."""

from importlib.metadata import version
from typing import Any

from artifactsvc.representations import limits_json
from artifactsvc.resources import Limits
from artifactsvc.security import Permission
from artifactsvc.views.config import api_view

_VERSION = version("artifactsvc")


@api_view(context=Limits, method="GET", permission=Permission.READ)
def show(context: Limits, request: Any) -> dict[str, Any]:
    return limits_json(request.registry.settings["artifactsvc.settings"], _VERSION)
