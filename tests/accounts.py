"""Users, tokens and sessions for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from webtest import TestApp

from artifactsvc.models import ApiToken, LoginSession
from artifactsvc.security import Role
from artifactsvc.security.gate import csrf_token
from artifactsvc.services import credentials, users
from artifactsvc.services.audit import Actor

PASSWORD = "correct horse battery"
TEST = Actor("(test)")
AUTH = {
    "auth.required": "true",
    "auth.secret": "a secret of the tests that nobody guesses",
    "auth.cookie_secure": "false",
    "auth.argon2_memory": "64KB",
    "auth.parallel_hashes": "4",
}


class Accounts:
    def __init__(self, app: Any) -> None:
        self.app = app
        self.writer = app.registry["engines"].write
        self.settings = app.registry.settings["artifactsvc.settings"]

    def add(self, login: str, role: str = "viewer") -> Any:
        with self.writer.begin() as db:
            users.add_user(db, TEST, login, "", Role(role), self.app.registry["passwords"].hash(PASSWORD))
            return users.find_user(db, login)

    def get(self, login: str) -> Any:
        with self.writer.begin() as db:
            return users.find_user(db, login)

    def disable(self, login: str, disabled: bool = True) -> None:
        with self.writer.begin() as db:
            users.set_disabled(db, TEST, users.find_user(db, login), disabled)

    def token(self, login: str, role: str | None = None) -> str:
        with self.writer.begin() as db:
            user = users.find_user(db, login)
            return credentials.create_token(db, TEST, user, "test", Role(role or user.role), None)

    def session(self, login: str) -> str:
        with self.writer.begin() as db:
            return credentials.start_session(db, users.find_user(db, login).id, "192.0.2.1", timedelta(days=14))

    def bearer(self, login: str, role: str | None = None) -> dict[str, str]:
        return {"Authorization": "Bearer " + self.token(login, role)}

    def cookie(self, login: str, csrf: bool = True) -> dict[str, str]:
        """The headers of a browser that has logged in; with the CSRF token, as a script of ours would send it."""
        return self.cookie_of(self.session(login), csrf)

    def cookie_of(self, secret: str, csrf: bool = True) -> dict[str, str]:
        who = credentials.Identity("", "", "", Role.VIEWER, session=credentials.hash_secret(secret))
        return {"Cookie": f"artifactsvc={secret}"} | ({"X-CSRF-Token": csrf_token(self.settings.secret, who)} if csrf else {})

    def change_token(self, secret: str, **columns: Any) -> None:
        table = ApiToken.__table__
        with self.writer.begin() as db:
            db.execute(table.update().where(table.c.secret_hash == credentials.hash_secret(secret)).values(**columns))

    def change_session(self, secret: str, **columns: Any) -> None:
        table = LoginSession.__table__
        with self.writer.begin() as db:
            db.execute(table.update().where(table.c.secret_hash == credentials.hash_secret(secret)).values(**columns))

    def browser(self) -> TestApp:
        return TestApp(self.app)

    def log_in(self, login: str, password: str = PASSWORD) -> TestApp:
        """A browser that has gone through the login page."""
        browser = self.browser()
        answer = browser.post("/login", {"login": login, "password": password}, expect_errors=True)
        assert answer.status_int == 303, answer.text
        return browser


def ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)
