"""Linking a screenshot while another transaction holds the result: what that one did is seen, not what was there before it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from artifactsvc.services.steps import replace_steps
from artifactsvc.services.test_case_results import lock_result
from tests.api import BASE, assert_detail, png, step


@pytest.fixture
def linked(api):
    """A result, its one step, and an artifact of it."""
    result = api.result()
    (step_id,) = api.post_steps(result, [step()]).json["step_ids"]
    return result, step_id, api.upload(result, png()).json["id"]


def shown(api, linked):
    (found,) = api.steps(linked[0])["steps"]
    return found


def link_while(app, api, linked, change):
    """Link while a transaction that has locked the result makes a change; both are done when this returns."""
    result, step_id, artifact = linked
    write = app.registry["engines"].write
    with ThreadPoolExecutor(1) as pool:
        with Session(write) as other:
            other.begin()
            lock_result(other, result)
            change(other)
            patch = pool.submit(api.app.patch_json, f"{BASE}/steps/{step_id}", {"screenshot_artifact_id": artifact}, expect_errors=True)
            wait_until_it_waits(app)
            assert not patch.done()
            other.commit()
        return patch.result(30)


def wait_until_it_waits(app):
    engines = app.registry["engines"]
    if engines.write.dialect.name == "sqlite":  # it waits for the one connection that writes
        time.sleep(0.3)
        return
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with engines.read.connect() as db:
            if db.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")):
                return
        time.sleep(0.01)
    raise AssertionError("nothing waits")


def test_it_is_linked_when_nothing_changed(app, api, linked):
    assert link_while(app, api, linked, lambda other: None).status_int == 200
    assert shown(api, linked)["screenshot"]["id"] == linked[2]


def test_it_is_linked_when_the_steps_were_replaced(app, api, linked):
    """The step is another row with the same id."""
    answer = link_while(app, api, linked, lambda other: replace_steps(other, linked[0], [{**step(), "status": "Failed"}]))
    assert answer.status_int == 200
    assert (shown(api, linked)["status"], shown(api, linked)["screenshot"]["id"]) == ("Failed", linked[2])


def test_it_is_404_when_the_artifact_was_deleted(app, api, linked):
    answer = link_while(app, api, linked, lambda other: other.execute(text("DELETE FROM test_artifacts")))
    assert_detail(answer, 404, "Artifact not found")
    assert shown(api, linked)["screenshot"] is None


def test_it_is_404_when_the_step_was_deleted(app, api, linked):
    assert_detail(link_while(app, api, linked, lambda other: other.execute(text("DELETE FROM test_step_results"))), 404, "Step not found")


def test_it_is_404_when_the_result_was_deleted(app, api, linked):
    answer = link_while(app, api, linked, lambda other: other.execute(text("DELETE FROM test_case_results")))
    assert answer.status_int == 404


def test_an_artifact_of_another_result_is_refused(app, api, linked):
    other = api.upload(api.result(), png()).json["id"]
    answer = api.app.patch_json(f"{BASE}/steps/{linked[1]}", {"screenshot_artifact_id": other}, expect_errors=True)
    assert_detail(answer, 422)
