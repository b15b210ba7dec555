"""From the ini file to what a command works on."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from artifactsvc.filestore import FileStore
    from artifactsvc.models.engines import Engines
    from artifactsvc.settings import Settings


def read_ini(path: str) -> dict[str, str]:
    """The keys of the [app:main] section. Raises SettingsError when there is no such file."""
    from pathlib import Path

    from pyramid.paster import get_appsettings

    from artifactsvc.exceptions import SettingsError

    if not Path(path).is_file():
        raise SettingsError(f"there is no ini file {path}; name one with -c")
    return dict(get_appsettings(path))


@contextmanager
def open_database(path: str) -> "Iterator[tuple[Settings, Engines]]":
    """Settings and database of an ini file. Raises SettingsError, also for a schema that is not the newest."""
    from artifactsvc.migrations import require_current
    from artifactsvc.models.engines import make_engines
    from artifactsvc.settings import load_settings

    settings: Any = load_settings(read_ini(path))
    engines = make_engines(settings.database_url, settings.database_pool, settings.database_timeout)
    try:
        require_current(engines.read)
        yield settings, engines
    finally:
        engines.dispose()


@contextmanager
def open_service(path: str) -> "Iterator[tuple[Settings, Engines, FileStore]]":
    """Settings, database and files of an ini file. Raises SettingsError."""
    from artifactsvc.filestore import FileStore

    with open_database(path) as (settings, engines):
        yield settings, engines, FileStore(settings.storage_path, settings.sync_threads)
