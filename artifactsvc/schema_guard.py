"""Brings the schema up to date at the start (`artifactsvc.migrate = true`), or refuses to start on an old one."""

from typing import Any

from sqlalchemy.exc import DBAPIError

from artifactsvc import migrations
from artifactsvc.exceptions import SettingsError


def includeme(config: Any) -> None:
    engines = config.registry["engines"]
    try:
        if config.registry.settings["artifactsvc.settings"].migrate:
            migrations.upgrade(engines.write)
        migrations.require_current(engines.read)
    except DBAPIError as error:
        raise SettingsError(f"setting sqlalchemy.url (DATABASE_URL): cannot use the database: {str(error.orig).strip().splitlines()[0]}") from None
