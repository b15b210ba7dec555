"""`Client`: every endpoint of the API as a method."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from artifactsvc.client import types
from artifactsvc.client.form import Form, UploadFile
from artifactsvc.client.transport import Transport, encode

API_PATH = "/api/v1/reports"
DEFAULT_RETRIES = 5


class Client:
    """A server, and what it keeps. Safe to share between threads.

    Parameters: `url`, the server's address, `https://reports.example.com`; `token`, its bearer token; `timeout`, seconds without
    a byte before a request counts as lost; `retries`, how often a request is tried again after a lost connection or 429, 502,
    503, 504; `api_path`, where the API is; `wait`, sleeps so many seconds and returns whether to give up; `connections` at once.

    Every method raises `ApiError` (see `artifactsvc.client.errors`) for an answer that is an error, `NotReachedError` for none.
    A POST carries an `Idempotency-Key`, so that trying again never stores anything twice; `key` sets your own, which makes
    the same true of two calls within 24 hours.

    Fields of bodies are those of the contract; datetimes may stand where the API wants a time.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = DEFAULT_RETRIES,
        api_path: str = API_PATH,
        wait: Callable[[float], bool] | None = None,
        connections: int = 10,
    ) -> None:
        self.url = url.rstrip("/")
        self._transport = Transport(self.url + "/" + api_path.strip("/"), token, timeout, retries, wait or _sleep, connections)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client cannot be used any more."""
        self._transport.close()

    def limits(self) -> types.Limits:
        """What the server takes: sizes, MIME types, step types; and its version."""
        return cast(types.Limits, self._get("/limits"))

    def is_ready(self) -> bool:
        """Whether the server, its database and its storage answer."""
        from artifactsvc.client.errors import ClientError

        try:
            return self._transport.json("GET", self.url + "/readyz")[0] == 200
        except ClientError:
            return False

    # test runs

    def create_run(self, name: str, *, key: str | None = None, **fields: Any) -> types.Run:
        """`fields`: id, project, branch, commit_sha, build_url, environment, status, started_at, completed_at."""
        return cast(types.Run, self._post("/test-runs", {"name": name, **fields}, key))

    def get_run(self, run_id: str) -> types.Run:
        """One run."""
        return cast(types.Run, self._get(f"/test-runs/{run_id}"))

    def list_runs(self, **filters: Any) -> Iterator[types.Run]:
        """Newest first. `filters`: project, branch, environment, status."""
        return self._pages("/test-runs", filters)

    def update_run(self, run_id: str, **fields: Any) -> types.Run:
        """Only the fields that are named change."""
        return cast(types.Run, self._send("PATCH", f"/test-runs/{run_id}", fields))

    def delete_run(self, run_id: str) -> None:
        """With its results, their steps and files."""
        self._send("DELETE", f"/test-runs/{run_id}")

    # test case results

    def create_result(self, name: str, *, key: str | None = None, **fields: Any) -> types.Result:
        """`fields`: id, test_run_id, full_name, suite, status, duration_ms, error_message, error_type, started_at, completed_at."""
        return cast(types.Result, self._post("/test-case-results", {"name": name, **fields}, key))

    def get_result(self, result_id: str) -> types.Result:
        """One test case result, without its steps and files."""
        return cast(types.Result, self._get(f"/test-case-results/{result_id}"))

    def list_results(self, **filters: Any) -> Iterator[types.Result]:
        """Newest first. `filters`: test_run_id, full_name, suite, status."""
        return self._pages("/test-case-results", filters)

    def update_result(self, result_id: str, **fields: Any) -> types.Result:
        """Only the fields that are named change."""
        return cast(types.Result, self._send("PATCH", f"/test-case-results/{result_id}", fields))

    def delete_result(self, result_id: str) -> None:
        """With its steps and files."""
        self._send("DELETE", f"/test-case-results/{result_id}")

    # steps

    def create_steps(self, result_id: str, steps: list[dict[str, Any]], *, key: str | None = None) -> types.StepsStored:
        """All steps at once. Raises ConflictError when there are some already."""
        return cast(types.StepsStored, self._post(f"/test-case-results/{result_id}/steps", {"steps": [_dated(step) for step in steps]}, key))

    def replace_steps(self, result_id: str, steps: list[dict[str, Any]]) -> types.StepsStored:
        """A step whose number is there keeps its id and screenshot; numbers that are not named go."""
        return cast(types.StepsStored, self._send("PUT", f"/test-case-results/{result_id}/steps", {"steps": [_dated(step) for step in steps]}))

    def get_steps(self, result_id: str, status: str | None = None, include_artifacts: bool = True) -> types.StepReport:
        """The whole report of a test."""
        query = {"status": status, "include_artifacts": "true" if include_artifacts else "false"}
        return cast(types.StepReport, self._get(f"/test-case-results/{result_id}/steps", query))

    def get_step(self, step_id: str) -> types.Step:
        """One step."""
        return cast(types.Step, self._get(f"/steps/{step_id}"))

    def link_screenshot(self, step_id: str, artifact_id: str | None) -> None:
        """Make an artifact the step's screenshot; None takes it away."""
        self._send("PATCH", f"/steps/{step_id}", {"screenshot_artifact_id": artifact_id})

    # artifacts

    def upload_artifact(self, result_id: str, file: UploadFile | Path | str, artifact_type: str, *, key: str | None = None, **fields: Any) -> types.Artifact:
        """One file, read from its path while it is sent.

        `fields`: step_number, iteration_number, artifact_category, description, captured_at, checksum, link_to_step.
        """
        upload = file if isinstance(file, UploadFile) else UploadFile(file)
        texts = {name: _text(value) for name, value in {"artifact_type": artifact_type, **fields}.items() if value is not None}
        path = f"/test-case-results/{result_id}/artifacts"
        return cast(types.Artifact, self._transport.json("POST", path, form=Form(texts, "file", [upload]), key=key or _new_key())[1])

    def upload_batch(self, result_id: str, files: list[tuple[UploadFile, dict[str, Any]]], *, key: str | None = None) -> types.BatchStored:
        """Several files, each with its metadata (artifact_type, step_number, …, without file_index).

        A file that is refused is in `failed` of the answer, and the others are stored.
        """
        form = Form({"metadata": batch_metadata([metadata for _, metadata in files])}, "files", [file for file, _ in files])
        path = f"/test-case-results/{result_id}/artifacts/batch"
        return cast(types.BatchStored, self._transport.json("POST", path, form=form, key=key or _new_key())[1])

    def list_artifacts(self, result_id: str, **filters: Any) -> Iterator[types.ListedArtifact]:
        """Oldest first. `filters`: artifact_type, step_number."""
        return self._pages(f"/test-case-results/{result_id}/artifacts", filters)

    def get_artifact(self, artifact_id: str) -> types.Artifact:
        """What is known of a file; its bytes come from `download` or `read_artifact`."""
        return cast(types.Artifact, self._get(f"/artifacts/{artifact_id}"))

    def delete_artifact(self, artifact_id: str) -> None:
        """The file, too; needs the role admin."""
        self._send("DELETE", f"/artifacts/{artifact_id}")

    def download(self, artifact_id: str, to: Path | str) -> int:
        """Write the file to a path, piece by piece. Returns its size in bytes. A file that is there stays where the server has none."""
        pieces = self.read_artifact(artifact_id)
        first = next(pieces, b"")  # the answer comes before the file is opened
        with Path(to).open("wb") as file:
            return file.write(first) + sum(file.write(piece) for piece in pieces)

    def read_artifact(self, artifact_id: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes of a file, piece by piece; from `start` up to but without `end`."""
        headers = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
        # identity: the bytes as they are stored, also behind a proxy that compresses
        headers |= {"Accept": "*/*", "Accept-Encoding": "identity"}
        with self._transport.stream(f"/artifacts/{artifact_id}/download", headers) as pieces:
            yield from pieces

    # what they are made of

    def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        return self._transport.json("GET", path, query=query)[1]

    def _post(self, path: str, body: dict[str, Any], key: str | None) -> Any:
        return self._transport.json("POST", path, _dated(body), key=key or _new_key())[1]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._transport.json(method, path, None if body is None else _dated(body))[1]

    def _pages(self, path: str, filters: dict[str, Any]) -> Iterator[Any]:
        page, per_page = 1, filters.pop("per_page", 100)
        while True:
            answer = self._get(path, {**filters, "page": page, "per_page": per_page})
            yield from answer["items"]
            if page * answer["per_page"] >= answer["total"] or not answer["items"]:
                return
            page += 1


def batch_metadata(items: list[dict[str, Any]]) -> str:
    """The `metadata` field of a batch: its position is each file's index."""
    return encode([{"file_index": index, **_dated(item)} for index, item in enumerate(items)]).decode()


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds; a naive time means UTC, as in the API."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _dated(body: dict[str, Any]) -> dict[str, Any]:
    return {name: timestamp(value) if isinstance(value, datetime) else value for name, value in body.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return timestamp(value) if isinstance(value, datetime) else str(value)


def _new_key() -> str:
    return uuid.uuid4().hex


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
