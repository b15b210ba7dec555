"""Sets up the templates: filters, and what every template can use without being given it.

`static("app.css")` is the URL of a file in artifactsvc/static, with a hash, so that browsers may keep it for ever;
`api` and `home` are the paths of the API and of the pages; `user` is who is logged in (None while auth.required
is false), `may_manage` whether they are an admin, `login_needed` whether
there is a login at all, and `csrf_token` the hidden field of every form.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from pyramid.events import BeforeRender, subscriber
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.static import static_view

import artifactsvc
from artifactsvc.resources import Root
from artifactsvc.security import Permission
from artifactsvc.security.gate import csrf_token
from artifactsvc.views.api import base_path
from artifactsvc.views.pages import formats

STATIC = Path(artifactsvc.__file__).parent / "static"
YEAR = 31_536_000


def includeme(config: Any) -> None:
    config.add_settings({
        "jinja2.undefined": "strict",
        "jinja2.trim_blocks": True,
        "jinja2.lstrip_blocks": True,
        "jinja2.directories": "artifactsvc:templates",
        "jinja2.filters": {
            "bytes": formats.size,
            "duration": formats.duration,
            "moment": formats.moment,
            "number": formats.number,
            "percent": formats.percent,
            "share": formats.share,
        },
    })  # fmt: skip
    config.include("pyramid_jinja2")
    files = static_view(str(STATIC), cache_max_age=YEAR, use_subpath=True)
    config.add_view(files, context=Root, name="static", request_method="GET", permission=NO_PERMISSION_REQUIRED)


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@subscriber(BeforeRender)
def add_globals(event: Any) -> None:
    request = event.get("request")
    if request is None or not str(event.get("renderer_name", "")).endswith(".jinja2"):
        return
    home = request.script_name

    def static(name: str) -> str:
        return f"{home}/static/{name}?v={_hash(name)}"

    event.setdefault("static", static)
    event.setdefault("home", home)
    event.setdefault("api", base_path(request))
    settings = request.registry.settings["artifactsvc.settings"]
    try:
        user = request.identity
        may_manage = hasattr(request, "context") and bool(request.has_permission(Permission.MANAGE))
    except Exception:  # noqa: BLE001 - who asks is not known while the database is away, and this is the page that says so
        user, may_manage = None, False
    event.setdefault("user", user)
    event.setdefault("csrf_token", csrf_token(settings.secret, user) if user else "")
    event.setdefault("login_needed", settings.auth_required)
    event.setdefault("may_manage", may_manage)
