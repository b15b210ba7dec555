"""`/login`, `/logout`: sessions, throttling, the way back."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from artifactsvc.models import AuditEvent, LoginSession, LoginThrottle
from artifactsvc.services import users
from artifactsvc.services.credentials import hash_secret
from artifactsvc.views.pages.forms import own_path
from tests.accounts import AUTH, PASSWORD, TEST, ago

pytestmark = pytest.mark.ini(**AUTH)


@pytest.fixture
def anna(accounts):
    accounts.add("root", "admin")
    return accounts.add("anna", "uploader")


def attempt(browser, login="anna", password=PASSWORD, address="192.0.2.7", **more):
    headers = more.pop("headers", {})
    return browser.post("/login", {"login": login, "password": password, **more}, headers, {"REMOTE_ADDR": address}, expect_errors=True)


def events(accounts):
    with accounts.writer.begin() as db:
        return [(row.actor, row.address, row.action) for row in db.execute(select(*AuditEvent.__table__.c).order_by(AuditEvent.id))]


def test_logging_in_makes_a_session_whose_secret_is_not_stored(accounts, anna):
    answer = attempt(accounts.browser(), login="ANNA")
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    secret, *attributes = rest.split("; ")
    assert name == "artifactsvc"
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"} <= set(attributes)
    with accounts.writer.begin() as db:
        assert [row.secret_hash for row in db.execute(select(*LoginSession.__table__.c))] == [hash_secret(secret)]
    assert events(accounts)[-1] == ("anna", "192.0.2.7", "login")


@pytest.mark.ini(**{**AUTH, "auth.cookie_secure": "true"})
def test_the_cookie_is_for_https_only_in_production(accounts, anna):
    cookie = attempt(accounts.browser()).headers["Set-Cookie"]
    assert cookie.startswith("__Host-artifactsvc=")
    assert "; secure" in cookie.lower()


def test_every_login_makes_a_new_session(accounts, anna):
    browser = accounts.browser()
    browser.set_cookie("artifactsvc", "chosen-by-somebody-else")
    assert attempt(browser).headers["Set-Cookie"].split(";")[0] != attempt(accounts.browser()).headers["Set-Cookie"].split(";")[0]
    assert browser.cookies["artifactsvc"] != "chosen-by-somebody-else"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(accounts, anna):
    wrong, unknown = attempt(accounts.browser(), password="wrong"), attempt(accounts.browser(), login="nobody")
    assert (wrong.status_int, unknown.status_int) == (401, 401)
    assert wrong.text.replace("anna", "nobody") == unknown.text
    assert [event[2] for event in events(accounts)[-2:]] == ["login failed", "login failed"]


def test_an_unknown_name_costs_one_hash_too(accounts, anna, monkeypatch):
    checked = []
    passwords = accounts.app.registry["passwords"]
    matches = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda stored, given: checked.append(stored) or matches(stored, given))
    attempt(accounts.browser(), login="nobody")
    attempt(accounts.browser(), password="wrong")
    parameters = [stored.split("$")[1:4] for stored in checked]
    assert len(checked) == 2
    assert parameters[0] == parameters[1]


def test_a_disabled_user_does_not_get_in(accounts, anna):
    accounts.disable("anna")
    assert attempt(accounts.browser()).status_int == 401


def test_logging_out_ends_the_session_and_what_the_browser_kept(accounts, anna):
    browser = accounts.log_in("anna")
    secret = browser.cookies["artifactsvc"]
    csrf = accounts.cookie_of(secret)["X-CSRF-Token"]
    answer = browser.post("/logout", {"csrf_token": csrf})
    assert (answer.status_int, answer.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert "artifactsvc" not in browser.cookies
    assert accounts.browser().get("/account", headers=accounts.cookie_of(secret), expect_errors=True).status_int == 401
    assert events(accounts)[-1][2] == "logout"


def test_a_session_ends_when_it_was_not_used_and_when_it_is_old(accounts, anna):
    for columns, status in (
        ({"last_seen_at": ago(hours=23)}, 200),
        ({"last_seen_at": ago(hours=25)}, 401),
        ({"created_at": ago(days=13)}, 200),
        ({"created_at": ago(days=15)}, 401),
    ):
        secret = accounts.session("anna")
        accounts.change_session(secret, **columns)
        assert accounts.browser().get("/account", headers=accounts.cookie_of(secret), expect_errors=True).status_int == status, columns


def test_the_last_use_of_a_session_is_written_once_a_minute(accounts, anna):
    secret = accounts.session("anna")

    def seen():
        with accounts.writer.begin() as db:
            return db.scalar(select(LoginSession.last_seen_at).where(LoginSession.secret_hash == hash_secret(secret)))

    first = seen()
    accounts.browser().get("/account", headers=accounts.cookie_of(secret))
    assert seen() == first
    accounts.change_session(secret, last_seen_at=ago(seconds=61))
    accounts.browser().get("/account", headers=accounts.cookie_of(secret))
    assert seen() > first


def test_the_account_is_slowed_when_its_password_is_guessed(accounts, anna):
    for number in range(5):
        assert attempt(accounts.browser(), password="wrong", address=f"192.0.2.{number}").status_int == 401
    blocked = attempt(accounts.browser(), address="192.0.2.99")
    assert blocked.status_int == 429
    assert 1 <= int(blocked.headers["Retry-After"]) <= 6
    assert attempt(accounts.browser(), login="root", address="192.0.2.99").status_int == 303


def test_the_wait_doubles_up_to_its_limit(accounts, anna):
    waits = []
    for _ in range(14):
        answer = attempt(accounts.browser(), password="wrong")
        if answer.status_int == 429:
            waits.append(int(answer.headers["Retry-After"]))
            open_again(accounts)
            attempt(accounts.browser(), password="wrong")
    assert waits[0] in (5, 6)
    assert [round(later / earlier) for earlier, later in pairwise(waits)][:5] == [2] * 5
    assert max(waits) <= 901


def open_again(accounts):
    with accounts.writer.begin() as db:
        db.execute(update(LoginThrottle.__table__).values(blocked_until=ago(seconds=1)))


def test_the_address_is_slowed_when_it_tries_many_names(accounts, anna):
    for number in range(20):
        assert attempt(accounts.browser(), login=f"name{number}", address=f"2001:db8::{number}").status_int == 401
    assert attempt(accounts.browser(), address="2001:db8::ffff").status_int == 429
    assert attempt(accounts.browser(), address="2001:db8:1::1").status_int == 303


def test_attempts_at_once_are_no_more_than_attempts_in_a_row(accounts, anna):
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: attempt(accounts.browser(), password="wrong").status_int, range(16)))
    assert statuses.count(401) <= 5
    assert set(statuses) == {401, 429}


def test_a_right_password_forgives_the_wrong_ones(accounts, anna):
    for _ in range(3):
        for _ in range(4):
            attempt(accounts.browser(), password="wrong")
        assert attempt(accounts.browser()).status_int == 303


def test_a_throttle_is_forgotten_after_an_hour(accounts, anna):
    for _ in range(6):
        attempt(accounts.browser(), password="wrong")
    with accounts.writer.begin() as db:
        db.execute(update(LoginThrottle.__table__).values(updated_at=ago(hours=2)))
    assert attempt(accounts.browser()).status_int == 303


def test_only_a_few_passwords_are_hashed_at_once(accounts, anna, monkeypatch):
    passwords = accounts.app.registry["passwords"]
    monkeypatch.setattr("artifactsvc.security.passwords.PATIENCE", 0.05)
    running, most = [], []

    def slow(stored, given):
        running.append(1)
        most.append(len(running))
        time.sleep(0.3)
        running.pop()
        return False

    monkeypatch.setattr(passwords, "matches", slow)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: attempt(accounts.browser(), login=f"name{number}", address=f"192.0.2.{number}"), range(12)))
    assert max(most) <= 4
    refused = [answer for answer in answers if answer.status_int == 429]
    assert refused
    assert all(answer.headers["Retry-After"] == "2" for answer in refused)


def test_a_password_is_hashed_again_when_the_parameters_changed(accounts, anna):
    hasher = accounts.app.registry["passwords"]._hasher
    hasher._parameters = type(hasher._parameters)(**{**{name: getattr(hasher._parameters, name) for name in hasher._parameters.__slots__}, "time_cost": 2})
    assert attempt(accounts.browser()).status_int == 303
    assert "t=2" in accounts.get("anna").password_hash
    assert attempt(accounts.browser()).status_int == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_another_site_cannot_log_anybody_in(accounts, anna, headers):
    assert attempt(accounts.browser(), headers=headers).status_int == 403


def test_our_own_login_page_can(accounts, anna):
    assert attempt(accounts.browser(), headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}).status_int == 303


@pytest.mark.parametrize(
    "form", [{"next": "/"}, {"login": "anna"}, {"login": "", "password": "x"}, {"login": "a" * 101, "password": "x"}, {"login": "a", "password": "x" * 1025}]
)
def test_a_form_that_lacks_something_is_422(accounts, anna, form):
    assert accounts.browser().post("/login", form, status=422).headers["Content-Type"].startswith("text/html")


def test_bodies_that_are_no_form_get_a_clear_answer(accounts, anna):
    browser = accounts.browser()
    assert browser.post("/login", b"{}", {"Content-Type": "application/json"}, expect_errors=True).status_int == 415
    assert browser.post("/login", b"login=" + b"a" * 70000, {"Content-Type": "application/x-www-form-urlencoded"}, expect_errors=True).status_int == 413
    assert attempt(browser, login="\0", password="\0").status_int == 422


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
        *("javascript:alert(1)", "/\nevil", "http:///x", "", "evil", "/ü", "//["),
    ],
)
def test_the_way_back_is_one_of_ours(wanted):
    assert own_path(wanted, "") == "/"


def test_the_way_back_is_kept(accounts, anna):
    assert own_path("/runs/1?x=%20", "") == "/runs/1?x=%20"
    assert own_path("/prefix/runs", "/prefix") == "/prefix/runs"
    assert own_path("/elsewhere", "/prefix") == "/prefix/"
    assert attempt(accounts.browser(), next="/search?q=a").headers["Location"] == "http://localhost/search?q=a"
    assert attempt(accounts.browser(), next="https://evil.example/").headers["Location"] == "http://localhost/"


def test_who_has_logged_in_is_not_asked_again(accounts, anna):
    browser = accounts.log_in("anna")
    assert browser.get("/login?next=/account").headers["Location"] == "http://localhost/account"


@pytest.mark.parametrize("url", ["/%ff", "/login/%ff", "/?q=%ff"])
def test_a_browser_nobody_knows_gets_the_login_page_whatever_bytes_the_url_has(accounts, url):
    assert accounts.browser().get(url, headers={"Accept": "text/html"}, status=303).location.startswith("http://localhost/login?next=/")


def test_an_origin_that_is_no_url_is_another_site(accounts, anna):
    assert attempt(accounts.browser(), headers={"Origin": "http://["}).status_int == 403


def test_basic_credentials_do_not_make_another_site_ours(accounts, anna):
    assert attempt(accounts.browser(), headers={"Origin": "https://evil.example", "Authorization": "Basic eDp5"}).status_int == 403


@pytest.mark.parametrize("charset", ["bogus", "utf-16", "iso-8859-1"])
def test_a_form_is_utf_8_whatever_it_says(accounts, anna, charset):
    assert attempt(accounts.browser(), headers={"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}).status_int == 303


def change_while_checking(accounts, monkeypatch):
    """An admin sets another password while the old one is being looked at."""
    passwords = accounts.app.registry["passwords"]
    matches = passwords.matches

    def matches_late(stored, given):
        with accounts.writer.begin() as db:
            users.set_password(db, TEST, users.get_user(db, "anna"), passwords.hash("another long password"))
        return matches(stored, given)

    monkeypatch.setattr(passwords, "matches", matches_late)


@pytest.mark.parametrize("outdated", [False, True])
def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(accounts, anna, monkeypatch, outdated):
    change_while_checking(accounts, monkeypatch)
    monkeypatch.setattr(accounts.app.registry["passwords"], "is_outdated", lambda stored: outdated)
    assert attempt(accounts.browser()).status_int == 401
    monkeypatch.undo()
    assert attempt(accounts.browser()).status_int == 401
    assert attempt(accounts.browser(), password="another long password").status_int == 303


def test_a_password_that_was_just_changed_is_not_changed_with_the_old_one(accounts, anna, monkeypatch):
    headers = accounts.cookie("anna")
    change_while_checking(accounts, monkeypatch)
    form = {"old_password": PASSWORD, "password": "a third long password", "password_again": "a third long password"}
    assert accounts.browser().post("/account/password", form, headers, status=422).headers.get("Set-Cookie") is None
    monkeypatch.undo()
    assert attempt(accounts.browser(), password="another long password").status_int == 303
