"""`/artifacts/{id}`: one artifact, and what its page loads: windows of a log, matches, entries of an archive, the thumbnail."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response

from artifactsvc.exceptions import NotFoundError
from artifactsvc.resources import ArtifactPage
from artifactsvc.schemas.artifact_pages import ArtifactPageQuery, EntryQuery, FindQuery, LinesQuery
from artifactsvc.security import Permission
from artifactsvc.services import artifacts, har, logs, test_case_results, test_runs
from artifactsvc.services.artifact_kinds import kind_of
from artifactsvc.services.thumbnails import thumbnail
from artifactsvc.views.pages.artifact_contents import contents, lines_from
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.placeholders import placeholder

DAY = 86_400


@page_view(context=ArtifactPage, permission=Permission.READ, template="artifact.jinja2", query=ArtifactPageQuery)
def show(context: ArtifactPage, request: Any) -> dict[str, Any]:
    artifact = context.row
    query = {name: None if value == "" else value for name, value in request.validated.items()}
    result = test_case_results.find_result(request.dbread, artifact.test_case_result_id)
    place = artifacts.find_place(request.dbread, artifact)
    if result is None or place is None:  # deleted a moment ago
        raise NotFoundError("Artifact not found")
    run = test_runs.find_run(request.dbread, result.test_run_id) if result.test_run_id else None
    values = {"artifact": artifact, "kind": kind_of(artifact), "result": result, "run": run, "place": place, "query": query, "note": None, "pixels": None}
    return {**values, **contents(request.registry["file store"], artifact, query)}


@page_view(context=ArtifactPage, name="lines", permission=Permission.READ, template="artifact-lines.jinja2", query=LinesQuery)
def lines(context: ArtifactPage, request: Any) -> dict[str, Any]:
    query = request.validated
    require_text(context.row)
    found = lines_from(request.registry["file store"], context.row, query["first"], query["q"], query["whole"])
    return {"artifact": context.row, "lines": found, "current": None, "query": {"view": None}}


@page_view(context=ArtifactPage, name="find", permission=Permission.READ, renderer="json", query=FindQuery)
def find(context: ArtifactPage, request: Any) -> dict[str, Any]:
    artifact, store, query = context.row, request.registry["file store"], request.validated
    require_text(artifact)
    index = logs.index_lines(store, artifact.storage_path, artifact.checksum)
    with store.open(artifact.storage_path) as file:
        return logs.find_lines(file, index, query["q"], query["first"])._asdict()


def require_text(artifact: Any) -> None:
    """Raises NotFoundError for what has no lines."""
    if kind_of(artifact) not in ("text", "html", "har", "json"):
        raise NotFoundError("This artifact is no text")


@page_view(context=ArtifactPage, name="entry", permission=Permission.READ, template="artifact-entry.jinja2", query=EntryQuery)
def entry(context: ArtifactPage, request: Any) -> dict[str, Any]:
    artifact, number = context.row, request.validated["number"]
    with request.registry["file store"].open(artifact.storage_path) as file:
        archive = har.read_har(file, artifact.file_size) if kind_of(artifact) == "har" else None
    if archive is None or number >= len(archive.raw):
        raise HTTPNotFound("The archive has no such entry")
    chosen = next(item for item in archive.entries if item.number == number)
    return {"entry": chosen, "details": har.details(archive.raw[number])}


@page_view(context=ArtifactPage, name="thumbnail", permission=Permission.READ)
def show_thumbnail(context: ArtifactPage, request: Any) -> Response:
    artifact, settings = context.row, request.registry.settings["artifactsvc.settings"]
    tag = f"{artifact.checksum}-{settings.thumbnail_size}"
    # private: who may see it is decided for each reader, so that nothing between us and the browser may keep it
    headers = [("ETag", f'"{tag}"'), ("Cache-Control", f"private, max-age={DAY}"), ("Cross-Origin-Resource-Policy", "same-origin")]
    if "If-None-Match" in request.headers and tag in request.if_none_match:
        return Response(status=304, headerlist=headers)
    try:
        data = thumbnail(request.registry["file store"], artifact, settings.thumbnail_path, settings.thumbnail_size, settings.thumbnail_pixels)
    except NotFoundError:
        data = None
    if data is None:
        return placeholder(kind_of(artifact))
    return Response(data, headerlist=[*headers, ("Content-Type", "image/webp"), ("Content-Length", str(len(data)))])
