"""The whole URL tree, in one table."""

from typing import Any

from artifactsvc.resources.artifacts import Artifact, Artifacts, ResultArtifacts
from artifactsvc.resources.base import Node
from artifactsvc.resources.root import Limits, Live, Ready, Reports, Root
from artifactsvc.resources.steps import ResultSteps, Step, Steps
from artifactsvc.resources.test_case_results import TestCaseResult, TestCaseResults
from artifactsvc.resources.test_runs import TestRun, TestRuns

__all__ = [
    "Artifact", "Artifacts", "Limits", "Live", "Node", "Ready", "Reports", "ResultArtifacts", "ResultSteps", "Root", "Step", "Steps",
    "TestCaseResult", "TestCaseResults", "TestRun", "TestRuns",
]  # fmt: skip


def includeme(config: Any) -> None:
    config.include("artifactsvc.resources.base")
    mount = config.registry.settings["artifactsvc.settings"].api_mount
    add = config.add_resource

    add("/", Root)
    add("/livez", Live)
    add("/readyz", Ready)
    add_folders(config, mount)
    add(mount, Reports)
    add(mount + "/limits", Limits)
    add(mount + "/test-runs", TestRuns)
    add(mount + "/test-runs/{id}", TestRun)
    add(mount + "/test-case-results", TestCaseResults)
    add(mount + "/test-case-results/{id}", TestCaseResult)
    add(mount + "/test-case-results/{id}/steps", ResultSteps)
    add(mount + "/test-case-results/{id}/artifacts", ResultArtifacts)  # and its view `batch`
    add(mount + "/artifacts", Artifacts)
    add(mount + "/artifacts/{id}", Artifact)  # and its view `download`
    add(mount + "/steps", Steps)
    add(mount + "/steps/{id}", Step)

    config.set_root_factory(lambda request: Root(request, None, ""))


def add_folders(config: Any, mount: str) -> None:
    """The segments that lead to the mount point, `/api` and `/api/v1`; nothing answers there."""
    segments = mount.strip("/").split("/")
    for depth in range(1, len(segments)):
        path = "/" + "/".join(segments[:depth])
        config.add_resource(path, type("Folder" + path.title().replace("/", ""), (Node,), {}))
