"""`/test-runs`"""

from typing import Any

from artifactsvc.identifiers import parse_id
from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import test_runs


class TestRuns(Node):
    __test__ = False


class TestRun(ItemNode):
    __test__ = False
    missing = "Test run not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        run_id = parse_id(name)
        return run_id and test_runs.find_run(parent.request.dbread, run_id)
