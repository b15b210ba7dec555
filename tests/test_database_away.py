"""The database goes away and comes back: 503 with Retry-After meanwhile, nothing half stored, and then all is well."""

import pytest
from sqlalchemy import create_engine, text
from webtest import TestApp

from artifactsvc import make_app
from tests.accounts import AUTH
from tests.api import BASE, Api, assert_detail, png, step


@pytest.fixture
def postgresql_api(postgresql_url, tmp_path):
    ini = {"sqlalchemy.url": postgresql_url, "artifact.storage_path": str(tmp_path / "files"), "auth.required": "false", "artifactsvc.database_timeout": "1"}
    app = make_app(ini)
    yield Api(TestApp(app), tmp_path / "files")
    app.registry["engines"].dispose()


def terminate_connections(url: str) -> None:
    admin = create_engine(url.replace("postgresql:", "postgresql+psycopg2:").replace("/tests", "/postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tests'"))
    admin.dispose()


def test_requests_get_503_once_when_connections_are_cut(postgresql_api, postgresql_url):
    result = postgresql_api.result()
    url = f"{BASE}/test-case-results/{result}"
    postgresql_api.app.get(url)
    terminate_connections(postgresql_url)
    response = postgresql_api.app.get(url, expect_errors=True)
    assert_detail(response, 503)
    assert int(response.headers["Retry-After"]) > 0
    postgresql_api.app.get(url, status=200)


@pytest.mark.parametrize("auth", [{}, AUTH], ids=["open", "login"])
def test_a_browser_gets_a_page_that_says_so(postgresql_url, tmp_path, auth):
    ini = {"sqlalchemy.url": postgresql_url, "artifact.storage_path": str(tmp_path / "files"), "auth.required": "false", "artifactsvc.database_timeout": "1"}
    app = make_app({**ini, **auth})
    engine = app.registry["engines"].read
    taken = [engine.connect() for _ in range(engine.pool.size())]
    page = TestApp(app).get("/", headers={"Accept": "text/html", "Cookie": "artifactsvc=x; __Host-artifactsvc=x"}, status=503)
    for connection in taken:
        connection.close()
    app.registry["engines"].dispose()
    assert page.content_type == "text/html"
    assert "The database is busy" in page
    assert page.headers["Retry-After"] == "5"


def test_an_upload_leaves_nothing_when_the_connection_is_cut_before_its_insert(postgresql_api, postgresql_url):
    result = postgresql_api.result()
    postgresql_api.post_steps(result, [step()])
    terminate_connections(postgresql_url)
    postgresql_api.app.get(f"{BASE}/test-case-results/{result}", expect_errors=True)  # the reading connections are new now
    response = postgresql_api.upload(result, png())
    assert_detail(response, 503)
    assert (postgresql_api.files(), postgresql_api.staged()) == ([], [])
    assert postgresql_api.upload(result, png()).status_int == 201


def test_a_request_is_not_kept_waiting_when_all_connections_are_taken(postgresql_api):
    result = postgresql_api.result()
    engine = postgresql_api.app.app.registry["engines"].read
    taken = [engine.connect() for _ in range(engine.pool.size())]
    response = postgresql_api.app.get(f"{BASE}/test-case-results/{result}", expect_errors=True)
    for connection in taken:
        connection.close()
    assert_detail(response, 503)
    postgresql_api.app.get(f"{BASE}/test-case-results/{result}", status=200)


def test_readyz_says_so_when_the_database_is_away(postgresql_api, monkeypatch):
    registry = postgresql_api.app.app.registry
    postgresql_api.app.get("/readyz", status=200)
    nowhere = create_engine("postgresql+psycopg2://postgres@/nowhere?host=/nonexistent")
    monkeypatch.setitem(registry, "engines", registry["engines"]._replace(read=nowhere))
    response = postgresql_api.app.get("/readyz", status=503)
    assert_detail(response, 503, "Not ready: database not available")
    assert response.headers["Retry-After"] == "5"
    postgresql_api.app.get("/livez", status=200)
