"""The application behind a filter that gives every request a token, for clients that send none (docs/performance.md)."""

from typing import Any

from auth import token_of

from artifactsvc import main as make


class WithToken:
    def __init__(self, app: Any) -> None:
        self._app = app
        self.registry = app.registry  # the server asks for it
        self._header = f"Bearer {token_of(app)}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["HTTP_AUTHORIZATION"] = self._header
        return self._app(environ, start_response)


def main(global_config: dict[str, str], **ini: str) -> WithToken:
    return WithToken(make(global_config, **ini))
