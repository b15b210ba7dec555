"""Settings: defaults, both sources, and one line for each bad value."""

from dataclasses import fields
from pathlib import Path

import pytest

from artifactsvc import main, make_app
from artifactsvc.exceptions import SettingsError
from artifactsvc.models.engines import parse_url
from artifactsvc.settings import Settings, human_size, load_settings

BAD = [
    ("artifact.storage_path", " "),
    *(("artifact.max_file_size", value) for value in ("", "0", "-1", "10 apples", "1.5MB", "2GB", "99999999999999999999", "１0")),
    *(("artifact.allowed_types", value) for value in ("", " , ", "png", "image/", "image/nobody-knows", "[", "[1]", "{}")),
    *(("artifact.batch_max_files", value) for value in ("", "0", "-5", "many", "1.0", "10000000000")),
    ("artifact.accel_redirect", "protected"),
    ("artifact.sync_threads", "0"),
    ("artifact.thumbnail_path", ""),
    ("artifact.thumbnail_path", "data/artifacts"),
    ("artifact.thumbnail_path", "data/artifacts/thumbnails"),
    *(("artifact.thumbnail_size", value) for value in ("", "0", "15", "2001", "x")),
    ("artifact.thumbnail_pixels", "0"),
    *(("artifactsvc.api_mount", value) for value in ("", "/", "/a b", "/a//b", "/ä")),
    *(("artifactsvc.api_mount", value) for value in ("/livez", "readyz/", "/login/api", "/storage", "/results/v1")),
    *(("artifact.cache_control", value) for value in ("public\r\nX-Evil: 1", "public\nno-store", "max-age=１", "€", "a\0b", "a\x85b")),
    ("artifactsvc.step_types", ""),
    ("artifactsvc.step_types", "x" * 51),
    ("artifactsvc.max_steps", "no"),
    ("artifactsvc.max_json_size", "10XB"),
    ("artifactsvc.max_field_size", "0"),
    ("artifactsvc.max_per_page", "0"),
    ("artifactsvc.idempotency_hours", "1h"),
    ("artifactsvc.database_pool", "0"),
    ("artifactsvc.database_timeout", "-1"),
    ("artifactsvc.migrate", "yes"),
    ("auth.required", "1"),
    ("artifact.storage_pth", "/typo"),
    ("auth.requird", "true"),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_one_line_names_the_setting_when_its_value_is_bad(key, value):
    with pytest.raises(SettingsError) as caught:
        load_settings({key: value}, {})
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ARTIFACT_STORAGE_PATH", " "), ("ARTIFACT_MAX_FILE_SIZE", "big"), ("ARTIFACT_ALLOWED_TYPES", "png"), ("ARTIFACT_BATCH_MAX_FILES", "0")],
)
def test_one_line_names_the_variable_when_the_environment_is_bad(variable, value):
    with pytest.raises(SettingsError, match=f"^setting {variable} .+$"):
        load_settings({}, {variable: value})


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://x/y", "postgresql+asyncpg://x/y", "sqlite://", "sqlite:///:memory:", "postgresql://user:secret@host:port/name"],
)
def test_one_line_without_the_password_comes_out_when_the_database_url_is_bad(url):
    with pytest.raises(SettingsError, match=r"^setting sqlalchemy\.url \(DATABASE_URL\) .+$") as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u@h/n", "postgres://u@h/n", "postgresql+psycopg2://u@h/n"])
def test_postgresql_means_psycopg2_when_a_url_names_it(url):
    assert parse_url(url).drivername == "postgresql+psycopg2"


def test_defaults_hold_when_nothing_is_set():
    assert load_settings({}, {}) == Settings()


def test_environment_wins_when_both_are_set():
    ini = {
        "sqlalchemy.url": "sqlite:///ini",
        "artifact.storage_path": "/ini",
        "artifact.max_file_size": "bad",
        "artifact.batch_max_files": "2",
        "artifact.allowed_types": "image/png",
    }
    environ = {
        "DATABASE_URL": "sqlite:///env",
        "ARTIFACT_STORAGE_PATH": "/env",
        "ARTIFACT_MAX_FILE_SIZE": "1KB",
        "ARTIFACT_BATCH_MAX_FILES": "3",
        "ARTIFACT_ALLOWED_TYPES": '["text/plain", "IMAGE/PNG"]',
    }
    settings = load_settings(ini, environ)
    assert (settings.database_url, settings.storage_path, settings.max_file_size) == ("sqlite:///env", Path("/env"), 1024)
    assert (settings.batch_max_files, settings.allowed_types) == (3, ("text/plain", "image/png"))


def test_ini_counts_when_the_variable_is_empty():
    assert load_settings({"artifact.batch_max_files": "2"}, {"ARTIFACT_BATCH_MAX_FILES": ""}).batch_max_files == 2


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1), ("10MB", 10 * 2**20), (" 10 MiB ", 10 * 2**20), ("3k", 3072), ("1G", 2**30), ("5B", 5), ("2147483647", 2**31 - 1)]
)
def test_size_is_bytes_when_it_has_any_unit(text, size):
    assert load_settings({"artifact.max_file_size": text}, {}).max_file_size == size


@pytest.mark.parametrize(("size", "text"), [(10 * 2**20, "10MB"), (2**30, "1GB"), (1536, "1536 bytes"), (2048, "2KB"), (1, "1 bytes")])
def test_size_reads_well_when_it_is_shown(size, text):
    assert human_size(size) == text


def test_largest_body_is_above_every_legal_batch_when_it_is_full():
    settings = Settings()
    assert settings.max_batch_size > settings.batch_max_files * settings.max_file_size + settings.max_field_size


def test_every_setting_has_its_own_key_when_listed():
    keys = [item.metadata["key"] for item in fields(Settings)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("key", "value"),
    [("artifact.max_file_size", "big"), ("sqlalchemy.url", "nonsense"), ("artifact.storage_path", "/proc/no/such"), ("artifact.colour", "red")],
)
def test_main_ends_the_process_with_one_line_when_a_setting_is_bad(tmp_path, key, value):
    ini = {"sqlalchemy.url": f"sqlite:///{tmp_path}/db.sqlite", "artifact.storage_path": str(tmp_path / "files"), "artifactsvc.migrate": "true", key: value}
    with pytest.raises(SystemExit) as caught:
        main({}, **ini)
    assert str(caught.value.code).startswith("artifactsvc: ")
    assert key in str(caught.value.code)
    assert "\n" not in str(caught.value.code)


@pytest.mark.parametrize("url", ["sqlite:////proc/no/db.sqlite", "sqlite:////proc/version", "postgresql://nobody@127.0.0.1:1/none"])
def test_start_is_refused_in_one_line_when_the_database_cannot_be_used(tmp_path, url):
    with pytest.raises(SettingsError, match=r"^setting sqlalchemy\.url \(DATABASE_URL\): cannot .+$"):
        make_app({"sqlalchemy.url": url, "artifact.storage_path": str(tmp_path / "files"), "artifactsvc.migrate": "true"})


def test_start_names_the_command_when_the_schema_is_old(tmp_path):
    with pytest.raises(SettingsError, match=r"run `artifactsvc -c production\.ini migrate`"):
        make_app({"sqlalchemy.url": f"sqlite:///{tmp_path}/db.sqlite", "artifact.storage_path": str(tmp_path / "files")})
