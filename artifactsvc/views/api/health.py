"""`/livez`: the process answers. `/readyz`: database and storage do, too. Open to everybody, and they tell nothing else."""

import os
from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from artifactsvc.exceptions import UnavailableError
from artifactsvc.resources import Live, Ready
from artifactsvc.services.health import database_answers
from artifactsvc.views.config import api_view


@api_view(context=Live, method="GET", permission=NO_PERMISSION_REQUIRED)
def live(context: Live, request: Any) -> dict[str, str]:
    return {"status": "ok"}


@api_view(context=Ready, method="GET", permission=NO_PERMISSION_REQUIRED)
def ready(context: Ready, request: Any) -> dict[str, str]:
    store = request.registry["file store"]
    checks = {
        "database": "ok" if database_answers(request.registry["engines"].read) else "not available",
        "storage": "ok" if os.access(store.staging, os.W_OK) else "not writable",
    }
    failed = [f"{name} {state}" for name, state in checks.items() if state != "ok"]
    if failed:
        raise UnavailableError("Not ready: " + ", ".join(failed))
    return {"status": "ok", **checks}
