"""`/account`, `/users`, `/audit`, and what a write by a browser needs."""

import re

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import DBAPIError

from artifactsvc.models import ApiToken, AuditEvent
from artifactsvc.services import credentials
from tests.accounts import AUTH, PASSWORD, ago
from tests.api import BASE, multipart, png

pytestmark = pytest.mark.ini(**AUTH)


@pytest.fixture
def anna(accounts):
    accounts.add("root", "admin")
    accounts.add("anna", "uploader")
    return accounts.log_in("anna")


@pytest.fixture
def root(accounts, anna):
    return accounts.log_in("root")


def form(page, action):
    return next(form for form in page.forms.values() if form.action == action)


def new_token(browser, **fields):
    page = form(browser.get("/account"), "/account/tokens")
    for name, value in {"name": "ci", **fields}.items():
        page[name] = value
    return re.search(r"asvc_[\w-]{43}", page.submit().text)[0]


def actions(accounts):
    with accounts.writer.begin() as db:
        return [(row.actor, row.action) for row in db.execute(select(*AuditEvent.__table__.c).order_by(AuditEvent.id))]


def test_a_token_is_shown_once_and_only_its_hash_is_kept(accounts, anna):
    token = new_token(anna, name="<nightly>")
    with accounts.writer.begin() as db:
        row = db.execute(select(*ApiToken.__table__.c)).one()
    assert token not in str(row)
    page = anna.get("/account").text
    assert token not in page
    assert "&lt;nightly&gt;" in page
    assert accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}).status_int == 200
    assert actions(accounts)[-1] == ("anna", "token created")


def test_a_token_is_never_above_its_owner(accounts, anna):
    page = form(anna.get("/account"), "/account/tokens")
    page["name"] = "ci"
    page["role"].force_value("admin")
    assert page.submit(status=403).text.count("a token cannot be admin") == 1


def test_a_revoked_token_opens_nothing(accounts, anna):
    token = new_token(anna)
    assert form(anna.get("/account"), "/account/tokens/revoke").submit().status_int == 303
    assert accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}, expect_errors=True).status_int == 401
    assert "revoked" in anna.get("/account").text
    assert actions(accounts)[-1] == ("anna", "token revoked")


def test_nobody_revokes_the_token_of_another(accounts, anna):
    accounts.add("eve", "uploader")
    new_token(anna)
    token_id = form(anna.get("/account"), "/account/tokens/revoke")["token_id"].value
    eve = accounts.log_in("eve")
    fields = {"csrf_token": form(eve.get("/account"), "/account/tokens")["csrf_token"].value, "token_id": token_id}
    assert eve.post("/account/tokens/revoke", fields, status=404)


def test_an_expiring_token_says_when(accounts, anna):
    token = new_token(anna, days="1")
    assert accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}).status_int == 200
    accounts.change_token(token, expires_at=ago(seconds=1))
    assert accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}, expect_errors=True).status_int == 401
    assert "expired" in anna.get("/account").text


def test_the_last_use_of_a_token_is_written_once_a_minute(accounts, anna):
    token = new_token(anna)
    writes = []
    event.listen(accounts.writer, "before_cursor_execute", lambda connection, cursor, statement, *rest: writes.append(statement))
    for _ in range(3):
        accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"})
    assert len([statement for statement in writes if "api_tokens" in statement]) == 1


def change(browser, old=PASSWORD, new="another long password", again=None):
    page = form(browser.get("/account"), "/account/password")
    page["old_password"], page["password"], page["password_again"] = old, new, again or new
    return page.submit(expect_errors=True)


def test_a_changed_password_ends_all_other_sessions(accounts, anna):
    other = accounts.log_in("anna")
    assert change(anna).headers["Location"] == "http://localhost/account?changed=1"
    assert anna.get("/account?changed=1").status_int == 200
    assert other.get("/account", expect_errors=True).status_int == 401
    assert accounts.browser().post("/login", {"login": "anna", "password": PASSWORD}, expect_errors=True).status_int == 401
    accounts.log_in("anna", "another long password")


def test_a_password_is_not_changed_when_something_is_wrong(accounts, anna):
    before = accounts.get("anna").password_hash
    assert "old password is wrong" in change(anna, old="wrong").text
    assert "at least 12 characters" in change(anna, new="short").text
    assert "differ" in change(anna, again="something else entirely").text
    assert "at most 1024" in change(anna, new="ü" * 600).text
    assert accounts.get("anna").password_hash == before


def test_guessing_the_old_password_is_slowed(accounts, anna):
    statuses = [change(anna, old="wrong").status_int for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_admins_look_after_users(accounts, root):
    page = form(root.get("/users"), "/users")
    page["login"], page["display_name"], page["role"], page["password"] = "Berta", "Berta <b>", "viewer", PASSWORD
    assert page.submit().status_int == 303
    berta = accounts.log_in("berta")
    assert "Berta &lt;b&gt;" in root.get("/users").text
    csrf = form(root.get("/users"), "/users")["csrf_token"].value

    def change(**fields):
        return root.post("/users/berta", {"csrf_token": csrf, **fields}, expect_errors=True).status_int

    assert change(action="role", role="uploader") == 303
    assert accounts.get("berta").role == "uploader"
    assert change(action="password", password="yet another password") == 303
    assert berta.get("/account", expect_errors=True).status_int == 401
    berta = accounts.log_in("berta", "yet another password")
    assert change(action="disable") == 303
    assert berta.get("/account", expect_errors=True).status_int == 401
    assert change(action="enable") == 303
    accounts.log_in("berta", "yet another password")
    assert (change(action="role"), change(action="password"), change(action="password", password="x"), change(action="nonsense")) == (422, 422, 422, 422)
    assert ("root", "user disabled") in actions(accounts)


def test_the_last_admin_stays(accounts, root):
    csrf = form(root.get("/users"), "/users")["csrf_token"].value
    for fields in ({"action": "disable"}, {"action": "role", "role": "viewer"}):
        assert "last admin" in root.post("/users/root", {"csrf_token": csrf, **fields}, status=403).text
    assert accounts.get("root").role == "admin"


@pytest.mark.parametrize(("login", "status"), [("anna", 409), ("ANNA", 409), ("a b", 422), ("../x", 422), ("ü", 422), (".x", 422)])
def test_login_names_are_plain_and_taken_once(accounts, root, login, status):
    page = form(root.get("/users"), "/users")
    page["login"], page["role"], page["password"] = login, "viewer", PASSWORD
    assert page.submit(expect_errors=True).status_int == status


def test_admins_revoke_anybodys_token(accounts, anna, root):
    token = new_token(anna)
    assert form(root.get("/users"), "/users/revoke").submit().status_int == 303
    assert accounts.browser().get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}, expect_errors=True).status_int == 401


def test_the_audit_page_shows_who_did_what(accounts, anna, root, api):
    headers = accounts.cookie("root")
    run = accounts.browser().post_json(f"{BASE}/test-runs", {"name": "nightly <i>"}, headers=headers).json["id"]
    accounts.browser().delete(f"{BASE}/test-runs/{run}", headers=headers)
    page = root.get("/audit").text
    assert "test run deleted" in page
    assert "nightly &lt;i&gt;" in page
    assert "test run deleted" not in root.get("/audit?actor=anna").text
    assert root.get("/audit?before=nonsense", expect_errors=True).status_int == 422


def test_every_deletion_is_written_down(accounts, root, api):
    headers = accounts.cookie("root")
    api.app.extra_environ = {"HTTP_COOKIE": headers["Cookie"], "HTTP_X_CSRF_TOKEN": headers["X-CSRF-Token"]}
    result = api.result()
    artifact = api.upload(result, png()).json["id"]
    api.app.delete(f"{BASE}/artifacts/{artifact}")
    api.app.delete(f"{BASE}/test-case-results/{result}")
    assert actions(accounts)[-2:] == [("root", "artifact deleted"), ("root", "test case result deleted")]


def test_the_database_keeps_the_audit_trail_as_it_is(accounts, root):
    table = AuditEvent.__table__
    before = actions(accounts)
    for statement in (update(table).values(actor="nobody"), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), accounts.writer.begin() as db:
            db.execute(statement)
    assert actions(accounts) == before


def test_an_upload_is_never_parsed_for_the_csrf_token(accounts, root):
    """The token as a field of a multipart body does not count, wherever it stands."""
    result = accounts.browser().post_json(f"{BASE}/test-case-results", {"name": "t"}, headers=accounts.cookie("root")).json["id"]
    headers = accounts.cookie("root")
    token = headers.pop("X-CSRF-Token")
    fields = [("csrf_token", None, None, token.encode()), ("artifact_type", None, None, b"screenshot"), ("file", "a.png", "image/png", png())]
    url = f"{BASE}/test-case-results/{result}/artifacts"
    content_type = {"Content-Type": "multipart/form-data; boundary=XbX"}
    assert root.post(url, multipart(fields), {**headers, **content_type}, expect_errors=True).status_int == 403
    assert root.post(url, multipart(fields), {**headers, **content_type, "X-CSRF-Token": token}).status_int == 201


def test_a_csrf_token_is_good_for_its_own_session_only(accounts, root):
    mine, theirs = accounts.cookie("root"), accounts.cookie("anna")
    for token in (theirs["X-CSRF-Token"], "", "ü", mine["X-CSRF-Token"][:-1]):
        headers = {"Cookie": mine["Cookie"], "X-CSRF-Token": token}
        assert accounts.browser().post_json(f"{BASE}/test-runs", {"name": "x"}, headers=headers, expect_errors=True).status_int == 403, token


def test_credentials_cost_one_statement(accounts, root, monkeypatch):
    accounts.browser().get(f"{BASE}/test-runs", headers=(bearer := accounts.bearer("root")))
    cookie = accounts.cookie("root")
    seen, fetched = [], []
    for engine in accounts.app.registry["engines"]:
        event.listen(engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: seen.append(statement))
    fetch = credentials._fetch
    monkeypatch.setattr(credentials, "_fetch", lambda *args: fetched.append(args) or fetch(*args))
    for headers in (bearer, cookie):
        seen.clear()
        fetched.clear()
        accounts.browser().get("/", headers=headers)
        assert len(fetched) == 1
        assert not [statement for statement in seen if "users" in statement]


def test_credentials_are_found_by_an_index(accounts, root):
    with accounts.app.registry["engines"].read.connect() as db:
        on_sqlite = db.dialect.name == "sqlite"
        for statement in (credentials._BY_SESSION, credentials._BY_TOKEN):
            if not on_sqlite:
                db.exec_driver_sql("SET enable_seqscan = off")  # the tables are empty
            sql = credentials._compiled(statement, credentials._SQLITE if on_sqlite else credentials._POSTGRESQL)
            explain = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
            plan = " ".join(str(row) for row in db.exec_driver_sql(explain + sql, ("x",) if on_sqlite else {"hash": "x"}))
            assert "SCAN" not in plan
            assert "Seq Scan" not in plan
        if not on_sqlite:
            db.exec_driver_sql("RESET enable_seqscan")
