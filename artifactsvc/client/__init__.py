"""The client of artifactsvc: the library (`Client`), the upload of reports, the pytest plugin. It imports nothing of the server.

    from artifactsvc.client import Client

    with Client("https://reports.example.com", token) as client:
        for run in client.list_runs(branch="main"):
            print(run["name"], run["status"])

`pip install artifactsvc[client]` brings what it needs; httpx is imported with the first request.
"""

from artifactsvc.client.api import Client
from artifactsvc.client.errors import (
    ApiError,
    ClientError,
    ConflictError,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    NotReachedError,
    ServerError,
    TooLargeError,
    UnsupportedTypeError,
)
from artifactsvc.client.form import UploadFile

__all__ = [
    "ApiError", "Client", "ClientError", "ConflictError", "InvalidError", "NotAuthenticatedError", "NotFoundError", "NotPermittedError",
    "NotReachedError", "ServerError", "TooLargeError", "UnsupportedTypeError", "UploadFile",
]  # fmt: skip
