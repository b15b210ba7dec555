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
        return make_app({**ini, "__file__": (global_config or {}).get("__file__", "FILE.ini")})
    except SettingsError as error:
        raise SystemExit(f"artifactsvc: {error}") from None


def make_app(ini: dict[str, str]) -> "Router":
    """Parameters: `ini`, the keys of the [app:main] section. Raises SettingsError."""
    config = configure(ini)
    config.include("artifactsvc.transactions")
    config.include("artifactsvc.models")
    include_or_refuse(config, "artifactsvc.schema_guard", "artifactsvc.filestore", "artifactsvc.security.policy.require_secret")
    config.include("artifactsvc.tweens")
    return config.make_wsgi_app()


def include_or_refuse(config: Any, *rooms: str) -> None:
    """Whoever installs it hears at once of an old schema, an unwritable folder and a missing secret. Raises SettingsError."""
    from artifactsvc.exceptions import SettingsError

    problems = []
    for room in rooms:
        try:
            config.include(room)
        except SettingsError as error:
            problems.append(str(error))
    if problems:
        raise SettingsError("; ".join(problems))


def configure(ini: dict[str, str]) -> Any:
    """What the service answers, and to whom; without database and files, so that it can be listed anywhere.

    Raises SettingsError.
    """
    from pyramid.config import Configurator

    from artifactsvc.request import ServiceRequest
    from artifactsvc.settings import load_settings

    config = Configurator(settings={**ini, "artifactsvc.settings": load_settings(ini)}, request_factory=ServiceRequest)
    config.include("artifactsvc.security.policy")
    config.include("artifactsvc.security.passwords")
    config.include("artifactsvc.resources")
    config.include("artifactsvc.views")
    return config
