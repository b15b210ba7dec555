"""Sends one test: its result, its steps, its files in batches. Sending it again, whole or in part, stores nothing twice."""

import hashlib
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactsvc.client.api import Client, batch_metadata
from artifactsvc.client.errors import ApiError, ConflictError, NotAuthenticatedError, NotPermittedError, NotReachedError, ServerError
from artifactsvc.client.fitting import Fitted, attachment_metadata, fit
from artifactsvc.client.form import UploadFile
from artifactsvc.client.media_types import accepted_type
from artifactsvc.client.names import clean_file_name
from artifactsvc.client.report import Attachment
from artifactsvc.client.spool import SpooledTest
from artifactsvc.client.summary import Summary, human_size
from artifactsvc.client.transport import encode
from artifactsvc.client.types import Limits

BATCH_BYTES = 32 * 2**20  # what one lost connection costs at the most, but for a larger file
_SAME = ("test_run_id", "name", "full_name", "status", "started_at", "completed_at", "duration_ms")


class NotSentError(Exception):
    """Not now: the test stays in the spool. `for_all`: there is no use in trying the others."""

    def __init__(self, why: str, for_all: bool) -> None:
        super().__init__(why)
        self.for_all = for_all


@dataclass
class _File:
    upload: UploadFile
    metadata: dict[str, Any]

    @property
    def identity(self) -> tuple[Any, ...]:
        """What a file is known by on the server; not by its bytes, which optimising changes."""
        names = ("artifact_type", "step_number", "iteration_number", "artifact_category")
        return (self.upload.name, *(self.metadata.get(name) for name in names))


class Sender:
    """Parameters: `client`; `limits` of the server; `summary`, where everything is counted; `keep`, a folder for what is refused, or None."""

    def __init__(self, client: Client, limits: Limits, summary: Summary, run_id: str, keep: Path | None = None) -> None:
        self._client = client
        self._limits = limits
        self._summary = summary
        self._run_id = run_id
        self._keep = keep

    def send(self, entry: SpooledTest) -> None:
        """Raises NotSentError; what the server refuses for good is counted in the summary."""
        try:
            self._send(entry)
        except (NotAuthenticatedError, NotPermittedError) as error:
            raise NotSentError(f"the server does not accept the token: {error}", for_all=True) from error
        except NotReachedError as error:
            raise NotSentError(f"the server cannot be reached: {error}", for_all=True) from error
        except ServerError as error:
            raise NotSentError(f"the server cannot take it now: {error}", for_all=error.status in (429, 502, 503, 504, 507)) from error
        except OSError as error:
            raise NotSentError(f"a file of {entry.test.name} cannot be read: {error}", for_all=False) from error

    def _send(self, entry: SpooledTest) -> None:
        fitted = fit(entry.test, self._limits)
        attempted = entry.is_attempted()
        entry.mark_attempted()
        known = attempted
        body = {"id": entry.result_id, "test_run_id": self._run_id, **fitted.result}
        try:
            self._client.create_result(key=self._key(entry, "result", encode(body)), **body)
        except ConflictError:
            known = True
            if not attempted and not self._is_same(body):
                self._refuse_all(entry, entry.test.name, "another test with the same key is in this run already")
                return
        except ApiError as error:
            self._pass_on(error)
            self._refuse_all(entry, f"{entry.test.name} with {len(fitted.steps)} steps and {len(fitted.attachments)} files", _why(error))
            return
        steps = self._send_steps(entry, fitted)
        files = self._usable(entry, fitted)
        if known:
            files = self._missing(entry.result_id, files)
        for what, why in fitted.refused:
            self._summary.refuse(what, why)
        for batch in self._batches(files):
            self._send_batch(entry, batch)
        self._summary.count(steps=steps, **({"already_there": 1} if known and not attempted and not files else {"tests": 1}))
        self._summary.count_status(entry.test.status)

    def _is_same(self, body: dict[str, Any]) -> bool:
        there = self._client.get_result(body["id"])
        return all(there.get(name) == body.get(name) for name in _SAME)

    def _send_steps(self, entry: SpooledTest, fitted: Fitted) -> int:
        if not fitted.steps:
            return 0
        try:
            self._client.create_steps(entry.result_id, fitted.steps, key=self._key(entry, "steps", encode(fitted.steps)))
        except ConflictError:
            pass  # they are there: all steps of a test are stored at once
        except ApiError as error:
            self._pass_on(error)
            self._summary.refuse(f"{len(fitted.steps)} steps of {entry.test.name}", _why(error))
            return 0
        return len(fitted.steps)

    def _usable(self, entry: SpooledTest, fitted: Fitted) -> list[_File]:
        """The files that the server will take, as far as its limits tell; the others are counted."""
        files = []
        for item in fitted.attachments:
            name = clean_file_name(item.name)
            media_type = accepted_type(item.media_type, name, self._limits["allowed_types"])
            upload = UploadFile(item.data if item.data is not None else _path(item), name, media_type or "-")
            if not upload.size:
                self._summary.skip(f"{item.name} of {entry.test.name}", "the file is empty")
            elif upload.size > (limit := self._limits["max_file_size"]):
                self._refuse_file(entry, upload, f"{human_size(upload.size)} is over the server's limit of {human_size(limit)}")
            elif media_type is None:
                self._refuse_file(entry, upload, f"the server takes no {item.media_type or 'files of this type'}")
            else:
                files.append(_File(upload, attachment_metadata(item, self._limits)))
        return files

    def _missing(self, result_id: str, files: list[_File]) -> list[_File]:
        """Those that are not on the server yet."""
        names = ("file_name", "artifact_type", "step_number", "iteration_number", "artifact_category")
        there = Counter(tuple(item.get(name) for name in names) for item in self._client.list_artifacts(result_id, per_page=500))
        missing = []
        for file in files:
            if there[file.identity]:
                there[file.identity] -= 1
            else:
                missing.append(file)
        return missing

    def _batches(self, files: list[_File]) -> list[list[_File]]:
        batches: list[list[_File]] = []
        size = text = 0
        for file in files:
            length = len(batch_metadata([file.metadata])) + 128  # with its checksum and index
            full = not batches or len(batches[-1]) >= self._limits["batch_max_files"]
            if full or size + file.upload.size > BATCH_BYTES or text + length > self._limits["max_field_size"]:
                batches.append([])
                size = text = 0
            batches[-1].append(file)
            size, text = size + file.upload.size, text + length
        return batches

    def _send_batch(self, entry: SpooledTest, batch: list[_File]) -> None:
        sums = [file.upload.checksum() for file in batch]
        items = [(file.upload, {**file.metadata, "checksum": total}) for file, total in zip(batch, sums, strict=True)]
        content = batch_metadata([metadata for _, metadata in items]) + "".join(file.upload.name for file in batch)
        try:
            answer = self._client.upload_batch(entry.result_id, items, key=self._key(entry, "batch", content.encode("utf-8", "replace")))
        except ApiError as error:
            self._pass_on(error)
            if len(batch) == 1:
                self._refuse_file(entry, batch[0].upload, _why(error))
                return
            for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):  # whatever it is, it costs as few files as possible
                self._send_batch(entry, half)
            return
        refused = {item["file_index"] for item in answer["failed"]}
        for item in answer["failed"]:
            self._refuse_file(entry, batch[item["file_index"]].upload, item["error"])
        stored = [file for index, file in enumerate(batch) if index not in refused]
        self._summary.count(files=len(stored), bytes=sum(file.upload.size for file in stored))

    def _refuse_file(self, entry: SpooledTest, upload: UploadFile, why: str) -> None:
        self._summary.refuse(f"{upload.name} of {entry.test.name}", why)
        if self._keep is not None:
            folder = self._keep / entry.result_id
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / upload.name[-200:]).open("wb") as file:
                file.writelines(upload.source.pieces())

    def _refuse_all(self, entry: SpooledTest, what: str, why: str) -> None:
        self._summary.refuse(what, why)
        if self._keep is not None:
            shutil.copytree(entry.folder, self._keep / entry.result_id, dirs_exist_ok=True)

    def _key(self, entry: SpooledTest, what: str, content: bytes) -> str:
        """The same for the same content of the same test in the spool: what makes sending it again harmless."""
        return f"{what}-{hashlib.sha256(entry.nonce.encode() + content).hexdigest()}"

    @staticmethod
    def _pass_on(error: ApiError) -> None:
        if isinstance(error, NotAuthenticatedError | NotPermittedError | ServerError):
            raise error


def _path(item: Attachment) -> Any:
    assert item.path is not None
    return item.path


def _why(error: ApiError) -> str:
    fields = "; ".join(f"{name}: {text}" for name, text in list(error.errors.items())[:3])
    return f"{error.detail} ({error.status})" if not fields else f"{fields} ({error.status})"
