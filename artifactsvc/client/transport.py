"""One request and its retries: connection errors and 429, 502, 503, 504 are tried again, with back-off and jitter, honouring Retry-After."""

import email.utils
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from artifactsvc.client.errors import ApiError, NotReachedError, api_error
from artifactsvc.client.form import Form

if TYPE_CHECKING:
    import httpx

RETRIED = frozenset({429, 502, 503, 504})
FIRST_WAIT = 0.5  # seconds; doubled each time
LONGEST_WAIT = 30.0
LONGEST_RETRY_AFTER = 300.0


class Transport:
    """Parameters: `base`, the URL of the API; `token`, sent as bearer; `timeout`, seconds without a byte; `retries`, how often
    a request is tried again; `wait`, sleeps so many seconds and returns whether to give up.
    """

    def __init__(self, base: str, token: str | None, timeout: float, retries: int, wait: Callable[[float], bool], connections: int) -> None:
        self.base = base
        self._token = token
        self._timeout = timeout
        self._retries = retries
        self._wait = wait
        self._connections = connections
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._closed = False

    @property
    def http(self) -> "httpx.Client":
        with self._lock:
            if self._closed:
                raise NotReachedError("the client is closed")
            if self._http is None:
                try:
                    import httpx
                except ImportError:
                    raise NotReachedError("httpx is not installed: pip install artifactsvc[client]") from None

                headers = {"Accept": "application/json", "User-Agent": "artifactsvc-client"}
                if self._token:
                    headers["Authorization"] = f"Bearer {self._token}"
                limits = httpx.Limits(max_connections=self._connections, max_keepalive_connections=self._connections, keepalive_expiry=5.0)
                self._http = httpx.Client(headers=headers, timeout=httpx.Timeout(self._timeout, connect=min(10.0, self._timeout)), limits=limits)
            return self._http

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._http is not None:
                self._http.close()
                self._http = None

    def json(
        self, method: str, path: str, body: Any = None, *, form: Form | None = None, query: dict[str, Any] | None = None, key: str | None = None
    ) -> tuple[int, Any]:
        """Send, and read the JSON of the answer: (status, value), value None for 204. Raises ApiError, NotReachedError."""
        with self._sent(method, path, body, form, query, {"Idempotency-Key": key} if key else {}) as response:
            return response.status_code, _read_json(response)

    @contextmanager
    def stream(self, path: str, headers: dict[str, str]) -> "Iterator[Iterator[bytes]]":
        """GET: the body, piece by piece, as it comes. Raises ApiError, NotReachedError."""
        with self._sent("GET", path, None, None, None, headers) as response:
            yield _pieces(response)

    @contextmanager
    def _sent(self, method: str, path: str, body: Any, form: Form | None, query: dict[str, Any] | None, headers: dict[str, str]) -> "Iterator[httpx.Response]":
        attempt = 0
        while True:
            try:
                response = self._send(method, path, body, form, query, headers)
            except NotReachedError:
                if attempt >= self._retries or self._wait(self._pause(attempt, None)):
                    raise
            else:
                try:
                    if response.status_code < 400:
                        yield response
                        return
                    error = _read_error(response)
                finally:
                    response.close()
                if response.status_code not in RETRIED or attempt >= self._retries or self._wait(self._pause(attempt, error.retry_after)):
                    raise error
            attempt += 1

    def _send(self, method: str, path: str, body: Any, form: Form | None, query: dict[str, Any] | None, headers: dict[str, str]) -> "httpx.Response":
        http = self.http
        import httpx

        content: Any = None
        if form is not None:
            content, headers = form.pieces(), {**headers, **form.headers}
        elif body is not None:
            content, headers = encode(body), {**headers, "Content-Type": "application/json"}
        params = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            url = path if path.startswith(("http://", "https://")) else self.base + path
            return http.send(http.build_request(method, url, content=content, params=params or None, headers=headers), stream=True)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NotReachedError(f"{self.base}: {error or type(error).__name__}") from error

    @staticmethod
    def _pause(attempt: int, retry_after: float | None) -> float:
        pause: float = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        return pause if retry_after is None else min(retry_after, LONGEST_RETRY_AFTER) + pause / 4


def encode(value: Any) -> bytes:
    """JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _read_json(response: "httpx.Response") -> Any:
    body = _read(response)
    if response.status_code == 204:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise NotReachedError(f"{response.url} answered {response.status_code}, but not in JSON: is this an artifactsvc server?") from None


def _pieces(response: "httpx.Response") -> "Iterator[bytes]":
    import httpx

    try:
        yield from response.iter_raw()
    except httpx.TransportError as error:
        raise NotReachedError(f"{response.url}: {error or type(error).__name__}") from error


def _read(response: "httpx.Response") -> bytes:
    import httpx

    try:
        return response.read()
    except httpx.TransportError as error:
        raise NotReachedError(f"{response.url}: {error or type(error).__name__}") from error


def _read_error(response: "httpx.Response") -> ApiError:
    detail, errors = f"{response.reason_phrase or 'error'}", None
    try:
        value = json.loads(_read(response))
        detail, errors = str(value["detail"]), value.get("errors")
    except (ValueError, KeyError, TypeError, AttributeError, NotReachedError):
        pass  # a proxy's page
    return api_error(response.status_code, detail, errors, _retry_after(response.headers.get("Retry-After")))


def _retry_after(text: str | None) -> float | None:
    """Seconds; the header has them as a number or as a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
