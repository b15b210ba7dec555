"""One transaction for each request that may write; none for one that reads."""

from typing import Any

import pyramid_tm
from pyramid.tweens import EXCVIEW

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def includeme(config: Any) -> None:
    # invariants of the code, so not in the ini file
    config.add_settings({
        "tm.annotate_user": False,
        "tm.activate_hook": lambda request: request.method not in SAFE_METHODS,
        "tm.commit_veto": pyramid_tm.default_commit_veto,
        "retry.attempts": 3,
        "retry.activate_hook": attempts,
    })  # fmt: skip
    # pyramid_tm without its includeme, which adds the request method that ServiceRequest has already
    config.add_tween("pyramid_tm.tm_tween_factory", over=EXCVIEW)
    config.include("pyramid_retry")


def attempts(request: Any) -> int | None:
    """A retry keeps a copy of the body, so only small ones are tried again. None: as often as the settings say."""
    reads = request.method in SAFE_METHODS
    limit = request.registry.settings["artifactsvc.settings"].max_json_size
    small = request.headers.get("Content-Type", "").startswith("application/json") and (request.content_length or 0) <= limit
    return None if small and not reads else 1
