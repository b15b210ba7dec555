"""Brings the schema up to date at the start (`artifactsvc.migrate = true`), or refuses to start on an old one; says how to
make the first user."""

import logging
import os
from typing import Any

from artifactsvc import migrations
from artifactsvc.services import users

log = logging.getLogger(__name__)


def includeme(config: Any) -> None:
    engines = config.registry["engines"]
    if config.registry.settings["artifactsvc.settings"].migrate:
        migrations.upgrade(engines.write)
    migrations.require_current(engines.read)
    with engines.read.connect() as db:
        if not users.any_user(db):
            ini = os.path.relpath(config.registry.settings.get("__file__", "FILE.ini"))
            log.warning("there are no users yet; make the first one: artifactsvc -c %s user add NAME --role admin", ini)
