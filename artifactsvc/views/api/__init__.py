"""The API, one file per noun. `base_path` and `location` are how an answer names its own URLs."""

from typing import Any


def base_path(request: Any) -> str:
    """The path of the API as the client sees it: `/api/v1/reports`, behind a proxy's prefix where there is one."""
    path: str = request.script_name + request.registry.settings["artifactsvc.settings"].api_mount
    return path


def created(request: Any, location: str | None = None) -> None:
    """The answer is 201, and the new thing is at `location`, a path below the API."""
    request.response.status_int = 201
    if location is not None:
        request.response.headers["Location"] = base_path(request) + location
