"""Brings the schema up to date at the start (`artifactsvc.migrate = true`), or refuses to start on an old one."""

from typing import Any

from artifactsvc import migrations


def includeme(config: Any) -> None:
    engines = config.registry["engines"]
    if config.registry.settings["artifactsvc.settings"].migrate:
        migrations.upgrade(engines.write)
    migrations.require_current(engines.read)
