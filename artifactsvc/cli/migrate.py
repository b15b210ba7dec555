"""`artifactsvc migrate`"""

import click


@click.command()
@click.pass_obj
def migrate(ini: str) -> None:
    """Bring the database schema to the newest revision."""
    from artifactsvc import migrations
    from artifactsvc.cli.setup import read_ini
    from artifactsvc.models.engines import make_engines
    from artifactsvc.settings import load_settings

    settings = load_settings(read_ini(ini))
    engines = make_engines(settings.database_url, settings.database_pool, settings.database_timeout)
    before = migrations.current(engines.read)
    migrations.upgrade(engines.write)
    after = migrations.current(engines.read)
    engines.dispose()
    click.echo(f"schema at revision {after}" + ("" if before == after else f" (was {before or 'empty'})"))
