"""The access matrix of docs/security.md against every URL, every method and every kind of credentials."""

import re
from pathlib import Path

import pytest

from artifactsvc.tree import list_urls
from tests.accounts import AUTH, ago
from tests.api import BASE, png, step

pytestmark = pytest.mark.ini(**AUTH)

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
ROLES = ("viewer", "uploader", "admin")
ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z, ]+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", re.MULTILINE)
MATRIX = {
    (path, method): (permission, dict(zip(("nobody", *ROLES), cells, strict=True)))
    for path, methods, permission, *cells in ROW.findall((Path(__file__).resolve().parent.parent / "docs" / "security.md").read_text())
    for method in methods.split(", ")
}


def test_the_matrix_names_every_url(app):
    assert {(path, method, permission) for (path, method), (permission, _) in MATRIX.items()} == {tuple(url) for url in list_urls(app.registry)}


@pytest.fixture
def urls(accounts, api):
    """Every path of the tree, with ids of things that are there."""
    for role in ROLES:
        accounts.add(role, role)
    accounts.add("gone", "admin")
    api.app.authorization = ("Bearer", accounts.token("admin"))
    result = api.result(test_run_id=api.run())
    api.post_steps(result, [step(1)])
    ids = {
        "test-runs": api.run(),
        "runs": api.run(),
        "test-case-results": result,
        "results": result,
        "artifacts": api.upload(result, png()).json["id"],
        "steps": api.steps(result)["steps"][0]["id"],
        "users": "viewer",
    }
    api.app.authorization = None
    paths = {path for path, _ in MATRIX}
    return {path: re.sub(r"/([a-z-]+)/\{id\}", lambda match: f"/{match[1]}/{ids[match[1]]}", path) for path in paths}


def nobodies(accounts):
    expired, revoked = accounts.token("admin"), accounts.token("admin")
    accounts.change_token(expired, expires_at=ago(seconds=1))
    accounts.change_token(revoked, revoked_at=ago(seconds=1))
    idle, old = accounts.session("admin"), accounts.session("admin")
    accounts.change_session(idle, last_seen_at=ago(hours=25))
    accounts.change_session(old, created_at=ago(days=15))
    gone = [accounts.bearer("gone"), accounts.cookie("gone")]
    accounts.disable("gone")
    bearers = [{"Authorization": text} for text in ("Bearer asvc_wrong", "Bearer " + expired, "Bearer " + revoked, "Basic YTpi", "Bearer", "")]
    cookies = [accounts.cookie_of(secret) for secret in (idle, old, "wrong")]
    return [{}, *bearers, *cookies, *gone, {**accounts.cookie("admin"), "Authorization": "Bearer asvc_wrong"}]


def ask(app, method, url, headers):
    status = app.request(url, method=method, headers=headers, expect_errors=True).status_int
    return str(status) if status in (401, 403) else "yes"


def test_nobody_is_answered_when_the_url_is_not_open(testapp, accounts, urls):
    credentials = nobodies(accounts)
    for path, url in urls.items():
        is_open = any(MATRIX.get((path, method), ("",))[0] == "open" for method in METHODS)
        for method in METHODS:
            for headers in credentials:
                assert ask(testapp, method, url, headers) == ("yes" if is_open else "401"), (method, url, headers)


def test_unknown_urls_tell_nothing_to_nobody(testapp, accounts, urls):
    below = ["", "/nope", "/test-runs/nope", "/artifacts/1/download"]
    for url in ["/nope", "/api", "/runs/nope", "/livez/x", "/%ff", "//", "/login/x", *(BASE + path for path in below)]:
        for method in METHODS:
            assert ask(testapp, method, url, {}) == "401", (method, url)


def test_each_role_gets_what_the_matrix_says(testapp, accounts, urls):
    for role in ROLES:
        for path, url in urls.items():
            for method in METHODS:
                listed = MATRIX.get((path, "GET" if method == "HEAD" else method))
                said = listed[1][role] if listed else "yes"  # a method that is not there: 405, or 404
                for kind in ("session", "token"):
                    headers = accounts.cookie(role) if kind == "session" else accounts.bearer(role)
                    wanted = said if said != "session" else "yes" if kind == "session" else "403"
                    assert ask(testapp, method, url, headers) == wanted, (role, kind, method, url)


def test_a_cookie_writes_nothing_without_the_csrf_token(testapp, accounts, urls):
    for (path, method), (permission, _) in MATRIX.items():
        if method != "GET" and permission != "open":
            assert ask(testapp, method, urls[path], accounts.cookie("admin", csrf=False)) == "403", (method, path)


def test_a_token_is_no_more_than_its_role_and_its_owner(testapp, accounts, urls):
    weak = accounts.bearer("admin", "viewer")
    assert ask(testapp, "POST", urls["/api/v1/reports/test-runs"], weak) == "403"
    strong = accounts.bearer("admin")
    assert ask(testapp, "GET", "/users", strong) == "yes"
    accounts.add("second", "admin")
    from artifactsvc.security import Role
    from artifactsvc.services import users
    from tests.accounts import TEST

    with accounts.writer.begin() as db:
        users.set_role(db, TEST, users.find_user(db, "admin"), Role.VIEWER)
    assert ask(testapp, "GET", "/users", strong) == "403"


def test_a_browser_is_led_to_the_login_page_and_back(testapp, accounts, urls):
    answer = testapp.get(f"{urls['/']}?project=a%20b", headers={"Accept": "text/html"})
    assert (answer.status_int, answer.headers["Location"]) == (303, "http://localhost/login?next=/%3Fproject%3Da%2520b")
    form = next(form for form in answer.follow().forms.values() if form.action == "/login")
    form["login"], form["password"] = "viewer", "correct horse battery"
    assert form.submit().headers["Location"] == "http://localhost/?project=a%20b"


def test_a_cookie_opens_images(testapp, accounts, urls, api):
    url = urls["/api/v1/reports/artifacts/{id}/download"]
    assert testapp.get(url, headers=accounts.cookie("viewer", csrf=False)).content_type == "image/png"
