"""`/artifacts`, and the artifacts of one test case result"""

from typing import Any

from artifactsvc.identifiers import parse_id
from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import artifacts


class ResultArtifacts(Node): ...


class Artifacts(Node): ...


class Artifact(ItemNode):
    missing = "Artifact not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        artifact_id = parse_id(name)
        return artifact_id and artifacts.find_artifact(parent.request.dbread, artifact_id)
