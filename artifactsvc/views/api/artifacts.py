"""`/test-case-results/{id}/artifacts` and `/artifacts`: contract endpoints 3 to 7."""

from typing import Any

from pyramid.httpexceptions import HTTPNoContent

from artifactsvc.exceptions import MalformedBodyError, TooLargeError, UnsupportedTypeError, ValidationError
from artifactsvc.representations import artifact_json, batched_artifact_json, listed_artifact_json, page_json, stored_artifact_json
from artifactsvc.resources import Artifact, ResultArtifacts
from artifactsvc.schemas import form_values, validate
from artifactsvc.schemas.artifacts import BatchItemSchema, ListArtifactsQuery, UploadArtifactSchema, UploadBatchSchema
from artifactsvc.security import Permission
from artifactsvc.services import artifacts
from artifactsvc.services.artifacts import Upload
from artifactsvc.views.api import base_path, created
from artifactsvc.views.config import api_view, parse_json
from artifactsvc.views.downloads import download_response
from artifactsvc.views.multipart import ReceivedFile

_UPLOAD = UploadArtifactSchema()
_BATCH = UploadBatchSchema()
_ITEM = BatchItemSchema()


@api_view(context=ResultArtifacts, method="GET", permission=Permission.READ, query=ListArtifactsQuery)
def list_(context: ResultArtifacts, request: Any) -> dict[str, Any]:
    page = artifacts.list_artifacts(request.dbread, context.__parent__.row.id, **request.validated)
    return page_json(page, [listed_artifact_json(row, base_path(request)) for row in page.rows])


@api_view(context=ResultArtifacts, method="POST", permission=Permission.WRITE, upload="file")
def create(context: ResultArtifacts, request: Any) -> dict[str, Any]:
    form = request.form
    metadata = validate(_UPLOAD, form_values(_UPLOAD, form.fields))
    if len(form.files) != 1:
        message = "given more than once" if form.files else "Required"
        raise ValidationError(f"file: {message}", {"file": message})
    upload = checked_upload(form.files[0], metadata)
    (stored,) = artifacts.store_artifacts(request.dbsession, request.files, context.__parent__.row.id, [upload])
    created(request, f"/artifacts/{stored.row['id']}")
    return stored_artifact_json(stored, base_path(request))


@api_view(context=ResultArtifacts, name="batch", method="POST", permission=Permission.WRITE, upload="files")
def create_batch(context: ResultArtifacts, request: Any) -> dict[str, Any]:
    files = request.form.files
    if not files:
        raise ValidationError("files: Required", {"files": "Required"})
    items = read_metadata(form_values(_BATCH, request.form.fields).get("metadata"), len(files))
    uploads, failed = [], []
    for index, file in enumerate(files):
        try:
            if index not in items:
                raise ValidationError("No metadata for this file")
            uploads.append(checked_upload(file, validate(_ITEM, items[index])))
        except (ValidationError, TooLargeError, UnsupportedTypeError) as error:
            failed.append({"file_index": index, "file_name": file.file_name, "error": str(error)})
    stored = artifacts.store_artifacts(request.dbsession, request.files, context.__parent__.row.id, uploads)
    request.response.status_int = 207 if failed else 201
    return {
        "message": f"Uploaded {len(stored)} of {len(files)} artifacts" if failed else f"Successfully uploaded {len(stored)} artifacts",
        "artifacts": [batched_artifact_json(item, base_path(request)) for item in stored],
        "failed": failed,
    }


@api_view(context=Artifact, method="GET", permission=Permission.READ)
def show(context: Artifact, request: Any) -> dict[str, Any]:
    return artifact_json(context.row, base_path(request))


@api_view(context=Artifact, name="download", method="GET", permission=Permission.READ)
def download(context: Artifact, request: Any) -> Any:
    return download_response(request, context.row, request.registry.settings["artifactsvc.settings"])


@api_view(context=Artifact, method="DELETE", permission=Permission.DELETE)
def delete(context: Artifact, request: Any) -> HTTPNoContent:
    artifacts.delete_artifact(request.dbsession, request.files, request.actor, context.row)
    return HTTPNoContent()


def checked_upload(file: ReceivedFile, metadata: dict[str, Any]) -> Upload:
    """The file as it can be stored. Raises what is wrong with it."""
    if file.error is not None:
        raise file.error
    assert file.staged is not None
    if metadata["checksum"] is not None and metadata["checksum"].lower() != file.staged.checksum:
        raise ValidationError("Checksum mismatch", {"checksum": "Checksum mismatch"})
    return Upload(file.staged, file.file_name, file.media_type, metadata)


def read_metadata(text: str | None, count: int) -> dict[int, dict[str, Any]]:
    """The items of a batch's `metadata` by their file index.

    Raises MalformedBodyError for what is no JSON array of objects, ValidationError for an index that is missing, repeated or
    not one of `count` files: then nobody can say which file is which.
    """
    if text is None:
        raise ValidationError("metadata: Required", {"metadata": "Required"})
    items = parse_json(text.encode())
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedBodyError("metadata must be a JSON array of objects")
    found: dict[int, dict[str, Any]] = {}
    for position, item in enumerate(items):
        index = item.get("file_index")
        if type(index) is not int:
            problem = "must be an integer" if "file_index" in item else "Required"
        elif not 0 <= index < count:
            problem = f"must be from 0 to {count - 1}"
        elif index in found:
            problem = f"{index} is there more than once"
        else:
            found[index] = item
            continue
        where = f"metadata.{position}.file_index"
        raise ValidationError(f"{where}: {problem}", {where: problem})
    return found
