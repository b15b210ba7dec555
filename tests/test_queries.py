"""How many SQL statements each endpoint costs; a query per row would show here."""

import pytest
from sqlalchemy import event

from tests.api import BASE, png, step


@pytest.fixture
def report(api):
    result = api.result(test_run_id=api.run())
    api.post_steps(result, [step(n) for n in range(1, 21)])
    ids = [item["id"] for item in api.steps(result)["steps"]]
    artifacts = [api.upload(result, png(noise=b"%d" % n), step_number=n + 1).json["id"] for n in range(5)]
    return result, ids, artifacts


def test_reads_cost_a_fixed_number_of_statements(api, statements, report):
    result, ids, artifacts = report
    budget = {
        f"/test-runs/{api.run()}": 1,
        "/test-runs": 2,
        f"/test-case-results/{result}": 1,
        "/test-case-results": 2,
        f"/test-case-results/{result}/steps": 3,
        f"/test-case-results/{result}/steps?include_artifacts=false": 2,
        f"/test-case-results/{result}/steps?status=Passed": 3,
        f"/test-case-results/{result}/artifacts": 3,
        f"/artifacts/{artifacts[0]}": 1,
        f"/artifacts/{artifacts[0]}/download": 1,
        f"/steps/{ids[0]}": 1,
    }
    for path, most in budget.items():
        statements.clear()
        api.app.get(BASE + path)
        assert len(statements) == most, (path, statements)


def test_pages_cost_a_fixed_number_of_statements(api, statements, report):
    """The numbers of a report's pages are in tests/functional/test_pages.py."""
    _, _, artifacts = report
    for path, most in {"/search?q=click": 7, "/search?q=nothing-of-the-kind": 7, "/storage": 2, f"/artifacts/{artifacts[0]}": 4}.items():
        statements.clear()
        api.app.get(path)
        assert len(statements) <= most, (path, statements)


def test_pages_of_an_artifact_cost_a_fixed_number_of_statements(api, statements, report):
    result, _, artifacts = report
    log = api.upload(result, b"text", "a.log", "text/plain", artifact_type="log").json["id"]
    for path, most in {artifacts[0]: 4, log: 4, f"{log}/lines": 1, f"{log}/find?q=x": 1, f"{artifacts[0]}/thumbnail": 1}.items():
        statements.clear()
        api.app.get(f"/artifacts/{path}")
        assert len(statements) == most, (path, statements)


def test_writes_cost_a_fixed_number_of_statements(app, api, statements, report):
    result, ids, artifacts = report
    fresh = api.result()

    def cost(action):
        statements.clear()
        action()
        return len(statements)

    assert cost(api.result) == 1
    assert cost(lambda: api.post_steps(fresh, [step(n) for n in range(1, 21)])) == 4  # the node, the lock, any there?, insert
    assert cost(lambda: api.put_steps(fresh, [step(n) for n in range(1, 21)])) == 5
    assert cost(lambda: api.upload(result, step_number=1)) == 2
    assert cost(lambda: api.batch(result, [(f"{n}.png", png()) for n in range(20)])) == 2
    assert cost(lambda: api.app.patch_json(f"{BASE}/steps/{ids[0]}", {"screenshot_artifact_id": artifacts[0]})) == 2
    linked = [{"file_index": n, "artifact_type": "screenshot", "step_number": n + 1, "link_to_step": True} for n in range(20)]
    assert cost(lambda: api.batch(result, [(f"{n}.png", png()) for n in range(20)], linked)) == 5


def test_reading_opens_no_transaction_that_writes(api, app, report):
    result, _, artifacts = report
    begun = []
    event.listen(app.registry["engines"].write, "begin", begun.append)
    for path in (f"/test-case-results/{result}/steps", f"/artifacts/{artifacts[0]}/download", "/test-case-results"):
        api.app.get(BASE + path)
    assert begun == []
