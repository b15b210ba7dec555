"""Ini file and environment -> one frozen `Settings` object. Every default and limit of the service stands here."""

import json
import mimetypes
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from artifactsvc.exceptions import SettingsError
from artifactsvc.filestore.media_types import EXTENSIONS

STEP_TYPES = (
    "click", "type", "assert", "navigate", "wait", "screenshot", "scroll", "select", "hover", "drag_drop",
    "execute_script", "switch_frame", "switch_window", "accept_alert", "dismiss_alert", "upload_file",
)  # fmt: skip
ALLOWED_TYPES = (
    "image/png", "image/jpeg", "image/gif", "application/json", "text/plain", "text/html", "application/pdf",
)  # fmt: skip

_SIZE = re.compile(r"([0-9]{1,15})\s*(|[KMG]i?B?|B)", re.ASCII | re.IGNORECASE)
_UNITS = {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30}
# the first segments of the rest of the tree, of pages that are planned, too
_TAKEN = frozenset({
    "livez", "readyz", "login", "logout", "static", "account", "users", "audit", "runs", "results", "artifacts", "search", "storage",
})  # fmt: skip
_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)


def text(value: str) -> str:
    return value


def size(value: str) -> int:
    """Bytes; `10MB` and `10 MiB` both mean 10 * 1024 * 1024."""
    match = _SIZE.fullmatch(value.strip())
    if match is None or (number := int(match[1]) * _UNITS[match[2][:1].upper()]) < 1:
        raise ValueError("must be a size above zero, such as 10485760 or 10MB")
    return number


def file_size(value: str) -> int:
    number = size(value)
    if number >= 2**31:
        raise ValueError("must be below 2GB, which is what the column file_size holds")
    return number


def count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value.strip(), re.ASCII) or int(value) < 1:
        raise ValueError("must be a whole number above zero")
    return int(value)


def thumbnail_size(value: str) -> int:
    number = count(value)
    if not 16 <= number <= 2000:
        raise ValueError("must be a width from 16 to 2000 pixels")
    return number


def boolean(value: str) -> bool:
    if value.strip().lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.strip().lower() == "true"


def words(value: str) -> tuple[str, ...]:
    """A list: separated by white space or commas, or as a JSON array."""
    if value.strip().startswith("["):
        try:
            items = json.loads(value)
        except ValueError:
            raise ValueError("is not a JSON array") from None
        if not all(isinstance(item, str) for item in items):
            raise ValueError("must be a list of strings")
    else:
        items = re.split(r"[\s,]+", value.strip())
    items = tuple(dict.fromkeys(item.strip() for item in items if item.strip()))
    if not items:
        raise ValueError("must name at least one value")
    return items


def media_types(value: str) -> tuple[str, ...]:
    types = tuple(item.lower() for item in words(value))
    for item in types:
        if not _MIME.fullmatch(item) or not (item in EXTENSIONS or mimetypes.guess_extension(item)):
            raise ValueError(f"names the unknown MIME type {item!r}")
    return types


def step_types(value: str) -> tuple[str, ...]:
    types = words(value)
    for item in types:
        if len(item) > 50:
            raise ValueError(f"names {item!r}, which is longer than 50 characters")
    return types


def secret(value: str) -> str:
    if value.strip() and len(value.strip()) < 32:
        raise ValueError("must be at least 32 characters that nobody can guess")
    return value.strip()


def mount(value: str) -> str:
    path = "/" + value.strip().strip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("must be a path such as /api/v1/reports")
    if path.split("/")[1] in _TAKEN:
        raise ValueError(f"begins with /{path.split('/')[1]}, which is a place of its own; it must be a path such as /api/v1/reports")
    return path


def header(value: str) -> str:
    """The value of an HTTP header."""
    if not re.fullmatch(r"[\x20-\x7e\xa0-\xff]*", value.strip()):
        raise ValueError("must be one line of Latin-1 characters, as HTTP headers are")
    return value.strip()


def folder(value: str) -> Path:
    if not value.strip():
        raise ValueError("must name a folder")
    return Path(value.strip()).absolute()


def url_prefix(value: str) -> str:
    """A location of the front server, or empty for none."""
    if value.strip() and not re.fullmatch(r"/[A-Za-z0-9._~/-]*", value.strip()):
        raise ValueError("must be a path such as /protected-artifacts/")
    return value.strip().rstrip("/")


def setting(key: str, parse: Any, default: Any, env: str | None = None) -> Any:
    """A field of `Settings`: its ini key, how its text is read, its default, and the variable that overrides it."""
    return field(default=default, metadata={"key": key, "parse": parse, "env": env})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. Sizes are bytes, times are seconds unless the name says otherwise."""

    database_url: str = setting("sqlalchemy.url", text, "sqlite:///data/artifactsvc.sqlite", "DATABASE_URL")
    storage_path: Path = setting("artifact.storage_path", folder, Path("data/artifacts"), "ARTIFACT_STORAGE_PATH")  # noqa: RUF009
    max_file_size: int = setting("artifact.max_file_size", file_size, 10 * 2**20, "ARTIFACT_MAX_FILE_SIZE")
    allowed_types: tuple[str, ...] = setting("artifact.allowed_types", media_types, ALLOWED_TYPES, "ARTIFACT_ALLOWED_TYPES")
    batch_max_files: int = setting("artifact.batch_max_files", count, 50, "ARTIFACT_BATCH_MAX_FILES")
    cache_control: str = setting("artifact.cache_control", header, "public, max-age=31536000")
    accel_redirect: str = setting("artifact.accel_redirect", url_prefix, "")
    thumbnail_path: Path = setting("artifact.thumbnail_path", folder, Path("data/thumbnails"), "ARTIFACT_THUMBNAIL_PATH")  # noqa: RUF009
    thumbnail_size: int = setting("artifact.thumbnail_size", thumbnail_size, 400)
    thumbnail_pixels: int = setting("artifact.thumbnail_pixels", count, 25_000_000)
    sync_threads: int = setting("artifact.sync_threads", count, 4)
    api_mount: str = setting("artifactsvc.api_mount", mount, "/api/v1/reports")
    step_types: tuple[str, ...] = setting("artifactsvc.step_types", step_types, STEP_TYPES)
    max_steps: int = setting("artifactsvc.max_steps", count, 10_000)
    max_json_size: int = setting("artifactsvc.max_json_size", size, 10 * 2**20)
    max_field_size: int = setting("artifactsvc.max_field_size", size, 2**20)
    max_per_page: int = setting("artifactsvc.max_per_page", count, 500)
    idempotency_hours: int = setting("artifactsvc.idempotency_hours", count, 24)
    database_pool: int = setting("artifactsvc.database_pool", count, 16)
    database_timeout: int = setting("artifactsvc.database_timeout", count, 30)
    migrate: bool = setting("artifactsvc.migrate", boolean, False)
    auth_required: bool = setting("auth.required", boolean, True)
    secret: str = setting("auth.secret", secret, "", "ARTIFACTSVC_SECRET")
    cookie_secure: bool = setting("auth.cookie_secure", boolean, True)
    session_idle_hours: int = setting("auth.session_idle_hours", count, 24)
    session_hours: int = setting("auth.session_hours", count, 24 * 14)
    password_min_length: int = setting("auth.password_min_length", count, 12)
    argon2_memory: int = setting("auth.argon2_memory", size, 46 * 2**20)
    argon2_iterations: int = setting("auth.argon2_iterations", count, 1)
    argon2_lanes: int = setting("auth.argon2_lanes", count, 1)
    parallel_hashes: int = setting("auth.parallel_hashes", count, 2)
    account_failures: int = setting("auth.account_failures", count, 5)
    address_failures: int = setting("auth.address_failures", count, 20)
    login_delay: int = setting("auth.login_delay", count, 5)
    login_max_delay: int = setting("auth.login_max_delay", count, 900)

    @property
    def max_batch_size(self) -> int:
        """The largest body that can be a legal request: a full batch with its metadata and part headers."""
        return max(self.batch_max_files * (self.max_file_size + 8192) + 4 * self.max_field_size, self.max_json_size) + 2**20


def human_size(number: int) -> str:
    """`10MB` for 10485760: the largest unit in which the number is whole."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if number % factor == 0:
            return f"{number // factor}{unit}"
    return f"{number} bytes"


def load_settings(ini: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the ini section and the environment, which wins.

    Raises SettingsError with one line that names the setting and says what is wrong with it.
    """
    values = {}
    for item in fields(Settings):
        key, env = item.metadata["key"], item.metadata["env"]
        name, raw = (env, environ[env]) if env and environ.get(env) else (key, ini.get(key))
        if raw is None:
            continue
        try:
            values[item.name] = item.metadata["parse"](raw)
        except ValueError as error:
            shown = "" if item.name == "secret" else f" (it is {raw!r})"
            raise SettingsError(f"setting {name} {error}{shown}") from None
    for key in ini:
        if key.startswith(("artifact.", "artifactsvc.", "auth.")) and key not in _KEYS:
            raise SettingsError(f"setting {key} is unknown; did you mean one of {', '.join(sorted(_KEYS))}?")
    settings = Settings(**values)
    if settings.thumbnail_path.absolute().is_relative_to(settings.storage_path.absolute()):
        raise SettingsError("setting artifact.thumbnail_path must not be inside artifact.storage_path")
    if settings.argon2_memory < 8192 * settings.argon2_lanes:
        raise SettingsError("setting auth.argon2_memory must be at least 8KB for each of auth.argon2_lanes")
    return settings


_KEYS = {item.metadata["key"] for item in fields(Settings)}
