"""The tables; `engines.py` makes the connections to them, `artifactsvc/request.py` hands them to a request."""

from typing import Any

from artifactsvc.models.accounts import ApiToken, AuditEvent, LoginSession, LoginThrottle, User
from artifactsvc.models.artifacts import Artifact
from artifactsvc.models.engines import make_engines
from artifactsvc.models.idempotency import IdempotencyKey
from artifactsvc.models.meta import Base
from artifactsvc.models.steps import Step
from artifactsvc.models.test_case_results import TestCaseResult
from artifactsvc.models.test_runs import TestRun

__all__ = [
    "ApiToken", "Artifact", "AuditEvent", "Base", "IdempotencyKey", "LoginSession", "LoginThrottle", "Step", "TestCaseResult", "TestRun", "User",
]  # fmt: skip


def includeme(config: Any) -> None:
    settings = config.registry.settings["artifactsvc.settings"]
    config.registry["engines"] = make_engines(settings.database_url, settings.database_pool, settings.database_timeout)
