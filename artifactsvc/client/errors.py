"""What can go wrong with a request: an answer that is an error (`ApiError` and below), or no answer (`NotReachedError`)."""


class ClientError(Exception):
    """Every error of the library."""


class NotReachedError(ClientError):
    """No answer, or one that is not from artifactsvc: connection refused, timeout, cut off, a proxy's page."""


class ApiError(ClientError):
    """An answer that is an error.

    `status` is the HTTP status, `detail` the server's text for a person, `errors` the text for each wrong field
    (`{"steps.0.status": "…"}`, mostly empty), `retry_after` the seconds the server asks to wait, or None.
    """

    def __init__(self, status: int, detail: str, errors: dict[str, str] | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{detail} ({status})")
        self.status = status
        self.detail = detail
        self.errors = errors or {}
        self.retry_after = retry_after


class NotAuthenticatedError(ApiError):
    """401: no token, or a wrong one."""


class NotPermittedError(ApiError):
    """403: the token's role may not do this."""


class NotFoundError(ApiError):
    """404"""


class ConflictError(ApiError):
    """409: it is there already."""


class TooLargeError(ApiError):
    """413"""


class UnsupportedTypeError(ApiError):
    """415"""


class InvalidError(ApiError):
    """422: fields are wrong, see `errors`; or a file is damaged."""


class ServerError(ApiError):
    """429 and everything from 500: nothing is wrong with the request, it may be sent again later."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAuthenticatedError,
    403: NotPermittedError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    415: UnsupportedTypeError,
    422: InvalidError,
    429: ServerError,
}


def api_error(status: int, detail: str, errors: dict[str, str] | None, retry_after: float | None) -> ApiError:
    """The exception for a status."""
    kind = ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)
    return kind(status, detail, errors, retry_after)
