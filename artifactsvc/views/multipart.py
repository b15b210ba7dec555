"""Receives a multipart body: read once, from the server's buffer to the disk, checked on the way.

`request.POST` is never touched: it copies a body up to four times and parses it line by line (anchors.md, 2.8). A file that
is too large, of a wrong type or damaged is skipped with its error kept, so that one bad file does not lose a batch.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from artifactsvc.exceptions import (
    ArtifactsvcError,
    CorruptedFileError,
    MalformedBodyError,
    StorageFullError,
    TooLargeError,
    UnavailableError,
    UnsupportedTypeError,
    ValidationError,
)
from artifactsvc.filestore import FileTransaction, StagedFile
from artifactsvc.filestore.content import ContentCheck
from artifactsvc.filestore.media_types import declared_type
from artifactsvc.settings import Settings, human_size

READ_SIZE = 2**18  # bytes; what waitress takes from the socket at once
MAX_FIELDS = 64
MAX_HEADER = 2**15  # bytes of one header of a part; a file name is in there
MAX_NAME = 255
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass
class ReceivedFile:
    """A file of the form: staged and checked, or with the error that says why not."""

    file_name: str
    media_type: str
    staged: StagedFile | None = None
    error: ArtifactsvcError | None = None


@dataclass
class Form:
    """What a multipart body held: texts by name, and the files of the file field in their order."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[ReceivedFile] = field(default_factory=list)

    def digest(self) -> bytes:
        """The same for the same content, whatever the boundary."""
        total = hashlib.sha256()
        for name in sorted(self.fields):
            total.update(repr((name, self.fields[name])).encode("utf-8", "backslashreplace"))
        for file in self.files:
            total.update(repr((file.file_name, file.media_type, file.staged and file.staged.checksum, str(file.error))).encode("utf-8", "backslashreplace"))
        return total.digest()


def upload_deriver(view: Any, info: Any) -> Any:
    """View option `upload`: the name of the file field. Receives the body into `request.form`."""
    name = info.options.get("upload")
    if not name:
        return view
    settings = info.registry.settings["artifactsvc.settings"]

    def wrapper(context: Any, request: Any) -> Any:
        request.form = receive(request.headers, request.body_file_raw, request.content_length or 0, request.files, settings, name)
        return view(context, request)

    return wrapper


upload_deriver.options = ("upload",)  # type: ignore[attr-defined]


def receive(headers: Any, stream: Any, length: int, files: FileTransaction, settings: Settings, file_field: str) -> Form:
    """Read a whole body.

    Parameters: `headers` of the request; `stream`, where the body is read from; `length`, its size in bytes; `files`, where to
    stage; `file_field`, the field that holds files.
    Raises UnsupportedTypeError for what is no multipart, MalformedBodyError for what is cut off or broken, TooLargeError for
    too many files or too long a field, StorageFullError, UnavailableError.
    """
    boundary = read_boundary(headers)
    receiver = _Receiver(files, settings, file_field)
    read = getattr(stream, "read1", stream.read)  # the pieces as they came, where the stream can give them
    try:
        with PushMultipartParser(boundary, max_segment_count=settings.batch_max_files + MAX_FIELDS, max_header_size=MAX_HEADER) as parser:
            left = length
            while not parser.closed and left > 0 and (data := read(min(READ_SIZE, left))):
                left -= len(data)
                for event in parser.parse(data):
                    receiver.handle(event)
    except MultipartError as error:
        raise MalformedBodyError(f"The request body is not valid multipart/form-data: {error}") from None
    return receiver.form


def read_boundary(headers: Any) -> str:
    """The boundary of a multipart/form-data body (RFC 2046, 5.1.1: 1 to 70 characters)."""
    kind, options = parse_options_header(headers.get("Content-Type", ""))
    if kind != "multipart/form-data":
        raise UnsupportedTypeError("Content-Type must be multipart/form-data")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedTypeError("Content-Encoding is not supported")
    boundary: str = options.get("boundary", "")
    if not (1 <= len(boundary) <= 70 and boundary.isascii() and boundary.isprintable()):
        raise MalformedBodyError("The Content-Type names no valid multipart boundary")
    return boundary


class _Receiver:
    """Takes the events of the parser: a segment, its bytes, None at its end."""

    def __init__(self, files: FileTransaction, settings: Settings, file_field: str) -> None:
        self.form = Form()
        self._files = files
        self._settings = settings
        self._file_field = file_field
        self._segment: MultipartSegment | None = None
        self._write: Callable[[bytes], None] = self._ignore
        self._close: Callable[[], None] = self._nothing

    def handle(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if event is None:
            self._close()
            self._segment, self._write, self._close = None, self._ignore, self._nothing
        elif isinstance(event, bytes | bytearray):
            self._write(bytes(event))
        else:
            self._open(event)

    def _open(self, segment: MultipartSegment) -> None:
        self._segment = segment
        encoding = segment.header("Content-Transfer-Encoding", "binary")
        if encoding.lower() not in ("binary", "8bit", "7bit"):
            raise MalformedBodyError("A part has a Content-Transfer-Encoding, which form data does not have (RFC 7578, 4.7)")
        if segment.name == self._file_field:
            self._open_file(segment)
        elif segment.filename is None or segment.name == "metadata":
            self._text = bytearray()
            self._write, self._close = self._write_text, self._close_text

    @staticmethod
    def _ignore(data: bytes) -> None: ...

    @staticmethod
    def _nothing() -> None: ...

    def _write_text(self, data: bytes) -> None:
        self._text += data
        if len(self._text) > self._settings.max_field_size:
            assert self._segment is not None
            raise TooLargeError(f"Form field {self._segment.name} exceeds maximum allowed ({human_size(self._settings.max_field_size)})")

    def _close_text(self) -> None:
        assert self._segment is not None
        name = self._segment.name
        try:
            self.form.fields.setdefault(name, []).append(self._text.decode("utf-8"))
        except UnicodeDecodeError:
            raise ValidationError(f"{name}: is not valid UTF-8", {name: "is not valid UTF-8"}) from None

    def _open_file(self, segment: MultipartSegment) -> None:
        if len(self.form.files) >= self._settings.batch_max_files:
            raise TooLargeError(f"Too many files: maximum {self._settings.batch_max_files} per batch")
        file_name = clean_file_name(segment.filename or "")
        media_type = declared_type(segment.header("Content-Type"), file_name)
        self._file = ReceivedFile(file_name, media_type)
        self.form.files.append(self._file)
        if not segment.filename:
            self._file.error = ValidationError("The file has no name", {self._file_field: "must be a file with a name"})
            return
        try:
            self._check = ContentCheck(media_type, self._settings.allowed_types)
        except UnsupportedTypeError as error:
            self._file.error = error
            return
        self._staged = self._files.stage()
        self._write, self._close = self._write_file, self._close_file

    def _write_file(self, data: bytes) -> None:
        try:
            if self._staged.size + len(data) > self._settings.max_file_size:
                raise TooLargeError(f"File size exceeds maximum allowed ({human_size(self._settings.max_file_size)})")
            self._check.feed(data)
            self._staged.write(data)
        except (StorageFullError, UnavailableError):
            raise
        except ArtifactsvcError as error:
            self._refuse(error)

    def _close_file(self) -> None:
        try:
            if not self._staged.size:
                raise CorruptedFileError
            self._check.close()
        except ArtifactsvcError as error:
            self._refuse(error)
            return
        self._file.media_type = self._check.media_type
        self._file.staged = self._staged

    def _refuse(self, error: ArtifactsvcError) -> None:
        self._staged.discard()
        self._file.error = error
        self._write, self._close = self._ignore, self._nothing


def clean_file_name(name: str) -> str:
    """The last path component, without control characters; at most 255 characters, shortened in front of the extension."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    if not name.isascii() or not name.isprintable():
        name = _BIDI.sub("", "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cs")))
    if name in ("", ".", ".."):
        return "unnamed"
    if len(name) > MAX_NAME:
        suffix = PurePosixPath(name).suffix[:32]
        name = name[: MAX_NAME - len(suffix)] + suffix
    return name
