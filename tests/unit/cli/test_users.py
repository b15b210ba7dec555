"""`artifactsvc user`, `token`, `audit`: what they print, store and refuse."""

import pytest
from click.testing import CliRunner

from artifactsvc import make_app
from artifactsvc.cli import cli
from artifactsvc.exceptions import SettingsError
from tests.accounts import AUTH, PASSWORD
from tests.api import BASE


@pytest.fixture
def ini_file(ini, tmp_path):
    path = tmp_path / "test.ini"
    settings = {**ini, **AUTH, "auth.secret": ""}  # the commands do without
    path.write_text("[app:main]\nuse = egg:artifactsvc\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    return str(path)


@pytest.fixture
def run(ini_file):
    def run(*args, code=0, text=None):
        result = CliRunner().invoke(cli, ["-c", ini_file, *args], input=text)
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def add(run):
    def add(login, role="admin", code=0, password=PASSWORD):
        return run("user", "add", login, "--role", role, "--password-stdin", code=code, text=password + "\n")

    return add


@pytest.fixture
def browser(ini, request):
    from webtest import TestApp

    app = make_app({**ini, **AUTH})
    yield TestApp(app)
    app.registry["engines"].dispose()


def log_in(browser, password=PASSWORD):
    return browser.post("/login", {"login": "anna", "password": password}, expect_errors=True).status_int


def test_users_are_added_listed_and_log_in(add, run, browser):
    assert add("Anna") == "added anna (admin)\n"
    assert run("user", "list") == "anna\tadmin\tactive\tanna\n"
    assert log_in(browser) == 303


def test_the_password_is_asked_for_twice(run, browser):
    output = run("user", "add", "anna", "--name", "Anna B.", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in output
    assert log_in(browser) == 303
    run("user", "add", "berta", text=f"{PASSWORD}\nsomething else\n", code=1)


def test_what_is_wrong_with_a_user_is_said_in_one_line(add, run):
    add("anna")
    assert "There is a user anna already" in add("ANNA", code=1)
    assert "at least 12 characters" in add("berta", password="short", code=1)
    assert "must be letters" in add("a b", code=1)
    assert "There is no user eve" in run("user", "passwd", "eve", "--password-stdin", text=PASSWORD + "\n", code=1)
    assert "last admin" in run("user", "disable", "anna", code=1)
    assert "last admin" in run("user", "role", "anna", "viewer", code=1)
    assert run("user", "list").count("\n") == 1


def test_a_new_password_ends_the_sessions(add, run, browser):
    add("anna")
    log_in(browser)
    run("user", "passwd", "anna", "--password-stdin", text="another long password\n")
    assert browser.get("/account", expect_errors=True).status_int == 401
    assert (log_in(browser), log_in(browser, "another long password")) == (401, 303)


def test_a_disabled_user_is_out_until_enabled(add, run, browser):
    add("root")
    add("anna")
    token = run("token", "create", "anna", "--name", "ci", "--role", "viewer").strip()
    bearer = {"Authorization": f"Bearer {token}"}
    assert browser.get(f"{BASE}/test-runs", headers=bearer).status_int == 200
    run("user", "disable", "anna")
    assert (browser.get(f"{BASE}/test-runs", headers=bearer, expect_errors=True).status_int, log_in(browser)) == (401, 401)
    run("user", "disable", "anna", "--undo")
    assert (browser.get(f"{BASE}/test-runs", headers=bearer).status_int, log_in(browser)) == (200, 303)


def test_a_role_holds_at_once(add, run, browser):
    add("root")
    add("anna", "viewer")
    log_in(browser)
    assert browser.get("/users", expect_errors=True).status_int == 403
    run("user", "role", "anna", "admin")
    assert browser.get("/users").status_int == 200


def test_tokens_are_made_listed_and_revoked(add, run, browser):
    add("anna", "uploader")
    token = run("token", "create", "anna", "--name", "ci", "--days", "30").strip()
    assert token.startswith("asvc_")
    token_id, hint, owner, role, state, used, name = run("token", "list").strip().split("\t")
    assert token not in run("token", "list")
    assert (hint, owner, role, used, name) == (token[:9] + "…", "anna", "uploader", "used never", "ci")
    assert state.startswith("expires 20")
    assert browser.get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}).status_int == 200
    assert run("token", "revoke", token_id) == "revoked\n"
    assert browser.get(f"{BASE}/test-runs", headers={"Authorization": f"Bearer {token}"}, expect_errors=True).status_int == 401
    assert "a token cannot be admin" in run("token", "create", "anna", "--name", "x", "--role", "admin", code=1)
    assert "is not the id of a token" in run("token", "revoke", "nonsense", code=2)
    assert "Token not found" in run("token", "revoke", "01a20571-aa29-70ac-ada8-c720de55a146", code=1)


def test_the_audit_trail_is_printed_newest_first(add, run, browser):
    add("anna")
    log_in(browser)
    log_in(browser, "wrong")
    lines = [line.split("\t")[1:] for line in run("audit").splitlines()]
    assert [line[2] for line in lines] == ["login failed", "login", "user added"]
    assert lines[2] == ["(command line)", "-", "user added", "anna (admin)"]
    assert run("audit", "--actor", "anna", "--limit", "1").count("\n") == 1


def test_nobody_writes_lines_into_what_the_commands_print(add, run, browser):
    add("anna")
    browser.post("/login", {"login": "x\n2026-01-01 00:00:00\troot\t-\tlogin\x1b[31m", "password": "x"}, status=401)
    run("token", "create", "anna", "--name", "ci\n\x1b[2J")
    run("user", "add", "berta", "--name", "Bärta\u202e\n", "--password-stdin", text=PASSWORD + "\n")
    assert run("audit").splitlines()[2].split("\t")[1:] == ["x\\n2026-01-01 00:00:00\\troot\\t-\\tlogin\\x1b[31m", "unknown", "login failed", ""]
    assert run("token", "list").endswith("\tci\\n\\x1b[2J\n")
    assert run("user", "list").endswith("\tBärta\\u202e\\n\n")


def test_the_log_says_how_to_make_the_first_user(ini, add, caplog):
    make_app({**ini, "__file__": "development.ini"}).registry["engines"].dispose()
    assert "artifactsvc -c development.ini user add NAME --role admin" in caplog.text
    add("anna")
    caplog.clear()
    make_app(ini).registry["engines"].dispose()
    assert caplog.text == ""


@pytest.mark.parametrize("secret", ["", "   ", "short", "x" * 31])
def test_nobody_serves_with_a_missing_or_short_secret(ini, secret):
    with pytest.raises(SettingsError, match=r"auth\.secret") as caught:
        make_app({**ini, **AUTH, "auth.secret": secret})
    if secret.strip():
        assert secret not in str(caught.value)


def test_production_needs_a_secret_of_its_own(ini, monkeypatch):
    from pathlib import Path

    from pyramid.paster import get_appsettings

    production = {**get_appsettings(str(Path(__file__).resolve().parents[3] / "production.ini")), **ini, "auth.required": "true"}
    with pytest.raises(SettingsError, match="ARTIFACTSVC_SECRET"):
        make_app(production)
    monkeypatch.setenv("ARTIFACTSVC_SECRET", "s" * 40)
    make_app(production).registry["engines"].dispose()
