"""`artifactsvc tree`"""

import click


@click.command()
@click.pass_obj
def tree(ini: str) -> None:
    """Print the URL tree: each URL, its methods, and the permission each needs."""
    from artifactsvc import configure
    from artifactsvc.cli.setup import read_ini
    from artifactsvc.tree import list_urls

    config = configure(read_ini(ini))
    config.commit()
    rows = [(url.path, url.method, url.permission) for url in list_urls(config.registry)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for path, method, permission in rows:
        click.echo(f"{path:<{widths[0]}}  {method:<{widths[1]}}  {permission}")
