"""The whole URL tree, in one table."""

from typing import Any

from artifactsvc.resources.accounts import Account, AccountPassword, AccountTokens, Audit, Login, Logout, User, Users
from artifactsvc.resources.artifacts import Artifact, Artifacts, ResultArtifacts
from artifactsvc.resources.base import Node
from artifactsvc.resources.pages import ArtifactPage, ArtifactPages, ResultPage, ResultPages, RunPage, RunPages, SearchPage, StoragePage
from artifactsvc.resources.root import Limits, Live, Ready, Reports, Root
from artifactsvc.resources.steps import ResultSteps, Step, Steps
from artifactsvc.resources.test_case_results import TestCaseResult, TestCaseResults
from artifactsvc.resources.test_runs import TestRun, TestRuns

__all__ = [
    "Account", "AccountPassword", "AccountTokens", "Artifact", "ArtifactPage", "ArtifactPages", "Artifacts", "Audit",
    "Limits", "Live", "Login", "Logout", "Node", "Ready", "Reports", "ResultArtifacts", "ResultPage", "ResultPages",
    "ResultSteps", "Root", "RunPage", "RunPages", "SearchPage", "Step", "Steps", "StoragePage", "TestCaseResult",
    "TestCaseResults", "TestRun", "TestRuns", "User", "Users",
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

    add("/runs", RunPages)  # the list of runs is `/`
    add("/runs/{id}", RunPage)
    add("/results", ResultPages)
    add("/results/{id}", ResultPage)
    add("/artifacts", ArtifactPages)
    add("/artifacts/{id}", ArtifactPage)
    add("/search", SearchPage)
    add("/storage", StoragePage)

    add("/login", Login)
    add("/logout", Logout)
    add("/account", Account)
    add("/account/password", AccountPassword)
    add("/account/tokens", AccountTokens)
    add("/users", Users)
    add("/users/{id}", User)
    add("/audit", Audit)

    config.set_root_factory(lambda request: Root(request, None, ""))


def add_folders(config: Any, mount: str) -> None:
    """The segments that lead to the mount point, `/api` and `/api/v1`; nothing answers there."""
    segments = mount.strip("/").split("/")
    for depth in range(1, len(segments)):
        path = "/" + "/".join(segments[:depth])
        config.add_resource(path, type("Folder" + path.title().replace("/", ""), (Node,), {}))
