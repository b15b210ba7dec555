"""`/steps`, and the steps of one test case result"""

from typing import Any

from artifactsvc.identifiers import parse_id
from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import steps


class ResultSteps(Node): ...


class Steps(Node): ...


class Step(ItemNode):
    missing = "Step not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        step_id = parse_id(name)
        return step_id and steps.find_step(parent.request.dbread, step_id)
