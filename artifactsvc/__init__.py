"""artifactsvc keeps the evidence of UI tests: every step, screenshot, log and video, on the team's own server.

The server is imported when it is made, not before: `artifactsvc.client` lives in this package too and needs nothing of it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.router import Router


def main(global_config: dict[str, str] | None, **ini: str) -> "Router":
    """The WSGI application of an ini file.

    A setting that is wrong ends the process with one line that names it.
    """
    from artifactsvc.exceptions import SettingsError

    try:
        return make_app(ini)
    except SettingsError as error:
        raise SystemExit(f"artifactsvc: {error}") from None


def make_app(ini: dict[str, str]) -> "Router":
    """Parameters: `ini`, the keys of the [app:main] section. Raises SettingsError."""
    config = configure(ini)
    config.include("artifactsvc.transactions")
    config.include("artifactsvc.models")
    config.include("artifactsvc.schema_guard")  # before anything that would need the tables
    config.include("artifactsvc.filestore")
    config.include("artifactsvc.tweens")
    return config.make_wsgi_app()


def configure(ini: dict[str, str]) -> Any:
    """What the service answers, and to whom; without database and files, so that it can be listed anywhere.

    Raises SettingsError.
    """
    from pyramid.config import Configurator

    from artifactsvc.request import ServiceRequest
    from artifactsvc.settings import load_settings

    config = Configurator(settings={**ini, "artifactsvc.settings": load_settings(ini)}, request_factory=ServiceRequest)
    config.include("artifactsvc.security.policy")
    config.include("artifactsvc.resources")
    config.include("artifactsvc.views")
    return config
