"""`/test-case-results`"""

from typing import Any

from artifactsvc.identifiers import parse_id
from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import test_case_results


class TestCaseResults(Node):
    __test__ = False


class TestCaseResult(ItemNode):
    __test__ = False
    missing = "Test case result not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        result_id = parse_id(name)
        return result_id and test_case_results.find_result(parent.request.dbread, result_id)
