"""What can go wrong, in the words of the domain. No HTTP in here: `views/errors.py` gives each its status.

Every error carries the text a person reads as `str(error)`.
"""


class ArtifactsvcError(Exception):
    """Base of every error this service raises on purpose."""


class SettingsError(ArtifactsvcError):
    """A setting is missing or wrong; the text names the setting. Stops the start."""


class NotFoundError(ArtifactsvcError):
    """The thing that was asked for is not there (any more)."""


class ConflictError(ArtifactsvcError):
    """What was asked for contradicts what is already stored."""


class ValidationError(ArtifactsvcError):
    """Input that does not validate.

    Parameters: `message`, the first error in words; `errors`, one text per field, named as the client sent it.
    """

    def __init__(self, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or {}


class MalformedBodyError(ArtifactsvcError):
    """A body that cannot be read at all: not JSON, not multipart, cut off."""


class TooLargeError(ArtifactsvcError):
    """A file, a body or a number of files is over its limit."""


class UnsupportedTypeError(ArtifactsvcError):
    """A content type that this endpoint or this installation does not take."""


class CorruptedFileError(ValidationError):
    """The bytes are not what their type says, or not all of them are there."""

    def __init__(self) -> None:
        super().__init__("File corrupted or unreadable")


class UnavailableError(ArtifactsvcError):
    """Database or disk are away for now; nothing was stored, and a later try may work."""


class StorageFullError(UnavailableError):
    """The disk (or a quota on it) is full; nothing was stored."""


class BusyError(ArtifactsvcError):
    """Too many attempts; `retry_after` says in how many seconds another one may be made."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotPermittedError(ArtifactsvcError):
    """Somebody is known, and may not do this."""
