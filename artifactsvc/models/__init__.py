"""The tables, and how a request reaches them.

- `request.dbread`: a connection in autocommit, for looking things up. It never holds a lock and costs one round trip a query.
- `request.dbsession`: the session of the request's transaction, for everything that writes. It commits with the files.
"""

from typing import Any

from sqlalchemy.orm import Session
from zope.sqlalchemy.datamanager import STATUS_CHANGED, join_transaction

from artifactsvc.models.artifacts import Artifact
from artifactsvc.models.engines import make_engines
from artifactsvc.models.idempotency import IdempotencyKey
from artifactsvc.models.meta import Base
from artifactsvc.models.steps import Step
from artifactsvc.models.test_case_results import TestCaseResult
from artifactsvc.models.test_runs import TestRun

__all__ = ["Artifact", "Base", "IdempotencyKey", "Step", "TestCaseResult", "TestRun"]


def includeme(config: Any) -> None:
    settings = config.registry.settings["artifactsvc.settings"]
    engines = make_engines(settings.database_url, settings.database_pool, settings.database_timeout)
    config.registry["engines"] = engines
    config.add_request_method(_dbread, "dbread", reify=True)
    config.add_request_method(_dbsession, "dbsession", reify=True)


def _dbread(request: Any) -> Any:
    connection = request.registry["engines"].read.connect()
    request.add_finished_callback(lambda _: connection.close())
    return connection


def _dbsession(request: Any) -> Session:
    session = Session(request.registry["engines"].write, autoflush=False, expire_on_commit=False)
    # Joined once, and "changed" from the start: a statement of the Core would be rolled back in silence otherwise. The usual
    # `zope.sqlalchemy.register` gets there by seven event listeners for each session, a third of a millisecond a request.
    join_transaction(session, initial_state=STATUS_CHANGED, transaction_manager=request.tm)
    return session
