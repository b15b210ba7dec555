"""`artifactsvc user …`, `artifactsvc token …`, `artifactsvc audit`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

ROLES = click.Choice(["viewer", "uploader", "admin"])


def one_line(text: str) -> str:
    """`text` with escapes for what does not print: whoever fails to log in chooses a name, and must not write lines or move the terminal's cursor."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


@contextmanager
def plainly() -> Iterator[None]:
    """What is wrong is said in one line."""
    from artifactsvc.exceptions import ArtifactsvcError, SettingsError

    try:
        yield
    except SettingsError:
        raise  # the command says it
    except ArtifactsvcError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def writing(ini: str) -> Iterator[Any]:
    """A connection in a transaction that commits at the end. Nothing is asked in it: SQLite lets nobody else write meanwhile."""
    from artifactsvc.cli.setup import open_database

    with plainly(), open_database(ini) as (_, engines), engines.write.begin() as db:
        yield db


def actor() -> Any:
    from artifactsvc.services.audit import Actor

    return Actor("(command line)")


password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")


def new_password_hash(ini: str, password_stdin: bool) -> str:
    from artifactsvc.cli.setup import read_ini
    from artifactsvc.security.passwords import Passwords
    from artifactsvc.services.users import check_password
    from artifactsvc.settings import load_settings

    settings = load_settings(read_ini(ini))
    asked = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with plainly():
        check_password(asked, settings.password_min_length)
    return Passwords(settings).hash(asked)


@click.group()
def user() -> None:
    """The people who may come in."""


@user.command()
@click.argument("login")
@click.option("--name", default="", help="The name that is shown; the login name if there is none.")
@click.option("--role", type=ROLES, default="viewer", show_default=True)
@password_option
@click.pass_obj
def add(ini: str, login: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a user."""
    from artifactsvc.security import Role
    from artifactsvc.services import users

    hashed = new_password_hash(ini, password_stdin)
    with writing(ini) as db:
        users.add_user(db, actor(), login, name, Role(role), hashed)
    click.echo(f"added {login.lower()} ({role})")


@user.command(name="list")
@click.pass_obj
def list_users(ini: str) -> None:
    """List the users."""
    from artifactsvc.services import users

    with writing(ini) as db:
        for row in users.list_users(db):
            click.echo(f"{row.login}\t{row.role}\t{'disabled' if row.disabled else 'active'}\t{one_line(row.display_name)}")


@user.command()
@click.argument("login")
@password_option
@click.pass_obj
def passwd(ini: str, login: str, password_stdin: bool) -> None:
    """Set a user's password; the user's sessions end."""
    from artifactsvc.services import users

    hashed = new_password_hash(ini, password_stdin)
    with writing(ini) as db:
        users.set_password(db, actor(), users.get_user(db, login), hashed)
    click.echo(f"password of {login.lower()} set; the sessions have ended")


@user.command()
@click.argument("login")
@click.argument("role", type=ROLES)
@click.pass_obj
def role(ini: str, login: str, role: str) -> None:
    """Set a user's role."""
    from artifactsvc.security import Role
    from artifactsvc.services import users

    with writing(ini) as db:
        users.set_role(db, actor(), users.get_user(db, login), Role(role))
    click.echo(f"{login.lower()} is {role}")


@user.command()
@click.argument("login")
@click.option("--undo", is_flag=True, help="Let the user in again.")
@click.pass_obj
def disable(ini: str, login: str, undo: bool) -> None:
    """Let a user in no more: sessions end, tokens open nothing."""
    from artifactsvc.services import users

    with writing(ini) as db:
        users.set_disabled(db, actor(), users.get_user(db, login), not undo)
    click.echo(f"{login.lower()} is {'enabled' if undo else 'disabled'}")


@click.group()
def token() -> None:
    """The keys of programs."""


@token.command()
@click.argument("login")
@click.option("--name", required=True, help="What it is for.")
@click.option("--role", type=ROLES, default="uploader", show_default=True)
@click.option("--days", type=click.IntRange(1, 36500), help="How long it is valid; for ever if not given.")
@click.pass_obj
def create(ini: str, login: str, name: str, role: str, days: int | None) -> None:
    """Make a token for a user. It is printed once, alone on standard output."""
    from datetime import UTC, datetime, timedelta

    from artifactsvc.security import Role
    from artifactsvc.services import credentials, users

    if not 1 <= len(name) <= 100:
        raise click.BadParameter("must have 1 to 100 characters", param_hint="--name")
    with writing(ini) as db:
        expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
        secret = credentials.create_token(db, actor(), users.get_user(db, login), name, Role(role), expires_at)
    click.echo(secret)


@token.command(name="list")
@click.pass_obj
def list_tokens(ini: str) -> None:
    """List the tokens."""
    from artifactsvc.services import credentials

    with writing(ini) as db:
        for row in credentials.list_tokens(db):
            state = "revoked" if row.revoked_at else f"expires {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "valid"
            used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
            click.echo(f"{row.id}\t{row.hint}…\t{row.login}\t{row.role}\t{state}\tused {used}\t{one_line(row.name)}")


@token.command()
@click.argument("token_id")
@click.pass_obj
def revoke(ini: str, token_id: str) -> None:
    """Make a token open nothing. TOKEN_ID is the first column of `token list`."""
    from artifactsvc.identifiers import parse_id
    from artifactsvc.services import credentials

    parsed = parse_id(token_id)
    if parsed is None:
        raise click.BadParameter("is not the id of a token; see `artifactsvc token list`", param_hint="TOKEN_ID")
    with writing(ini) as db:
        credentials.revoke_token(db, actor(), parsed)
    click.echo("revoked")


@click.command()
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many.")
@click.option("--actor", "who", help="Only what this user did.")
@click.pass_obj
def audit(ini: str, limit: int, who: str | None) -> None:
    """Print who did what, newest first."""
    from artifactsvc.services.audit import list_events

    with writing(ini) as db:
        for row in list_events(db, limit, actor=who):
            target = ascii(row.target)[1:-1] if row.target else ""
            click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}\t{one_line(row.actor)}\t{row.address or '-'}\t{row.action}\t{target}")
