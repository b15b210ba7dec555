"""The pages people look at: nodes of their own, over the same services as the API. The list of runs is the root itself."""

from typing import Any

from artifactsvc.identifiers import parse_id
from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import artifacts, test_case_results, test_runs


class RunPages(Node): ...


class RunPage(ItemNode):
    missing = "Test run not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        run_id = parse_id(name)
        return run_id and test_runs.find_run(parent.request.dbread, run_id)


class ResultPages(Node): ...


class ResultPage(ItemNode):
    missing = "Test case result not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        result_id = parse_id(name)
        return result_id and test_case_results.find_result(parent.request.dbread, result_id)


class ArtifactPages(Node): ...


class ArtifactPage(ItemNode):
    missing = "Artifact not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        artifact_id = parse_id(name)
        return artifact_id and artifacts.find_artifact(parent.request.dbread, artifact_id)


class SearchPage(Node): ...


class StoragePage(Node): ...
