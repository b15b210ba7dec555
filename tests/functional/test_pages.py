"""`/`, `/runs/{id}`, `/results`, `/results/{id}`: what they show, of whatever was sent."""

import re

import pytest

from tests.accounts import AUTH
from tests.api import BASE, png, step

HOSTILE = '<script>alert("x")</script> & "quoted" \u202e اختبار 🎉 ' + "x" * 150


def run(api, **fields):
    return api.app.post_json(f"{BASE}/test-runs", {"name": "nightly", **fields}).json["id"]


def links(page, kind):
    return re.findall(rf'href="/{kind}/([0-9a-f-]{{36}})"', page.text)


def test_an_empty_server_says_how_to_send_the_first_report(testapp):
    page = testapp.get("/")
    assert "No reports yet" in page
    assert f"http://localhost{BASE}/test-case-results" in page


def test_a_bug_is_a_page_too_and_tells_nothing_of_itself(testapp, monkeypatch, caplog):
    def broken(*args, **kw):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("artifactsvc.services.run_lists.list_runs", broken)
    page = testapp.get("/", headers={"Accept": "text/html"}, status=500)
    assert page.content_type == "text/html"
    assert "Internal Server Error" in page
    assert "secret of the house" not in page
    assert "secret of the house" in caplog.text
    assert testapp.get("/", headers={"Accept": "application/json"}, status=500).json == {"detail": "Internal server error"}


def test_a_url_of_another_spelling_is_a_page_for_a_browser(testapp):
    page = testapp.get("/runs/", headers={"Accept": "text/html"}, status=404)
    assert page.content_type == "text/html"


@pytest.mark.ini(**AUTH)
def test_the_command_names_a_token_when_one_is_needed(accounts):
    accounts.add("anna")
    page = accounts.log_in("anna").get("/")
    assert "Authorization: Bearer $ARTIFACTSVC_TOKEN" in page
    assert 'href="/account"' in page


def test_runs_are_listed_newest_first_with_what_came_of_them(api):
    first, second = run(api, name="one"), run(api, name="two", project="shop", branch="main", commit_sha="9f31c2e77ab01d", environment="staging")
    for status in ("Failed", "Passed", "Passed", "Skipped", "Pending"):
        api.result(test_run_id=second, status=status)
    page = api.app.get("/")
    assert links(page, "runs") == [second, first]
    assert 'aria-label="1 failed, 2 passed, 1 skipped, 1 pending"' in page
    assert "9f31c2e77a" in page
    assert "running" in page
    assert "no results yet" in page


def test_the_list_goes_on_without_showing_a_run_twice_or_missing_one(api):
    made = [run(api, name=f"run {number}") for number in range(65)]
    seen, url = [], "/"
    while url:
        page = api.app.get(url)
        seen += links(page, "runs")
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        url = "/" + following[1].replace("&amp;", "&") if following else None
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("project=shop", {"a"}), ("branch=main", {"a", "b"}),
        ("status=Failed", {"b"}), ("status=Passed", {"a", "b"}), ("text=NIGHT", {"b"}),
        ("text=9f31", {"a"}),
        ("text=100%25", {"c"}), ("text=_", set()), ("project=shop&branch=main&status=&text=&since=&until=", {"a"}), ("project=none", set()),
        ("since=2020-01-01", {"a", "b", "c"}), ("until=2020-01-01", set()), ("since=2999-01-01", set()),
    ],
)  # fmt: skip
def test_filters_of_the_list(api, query, found):
    names = {
        run(api, name="one", project="shop", branch="main", commit_sha="9f31c2e"): "a",
        run(api, name="Nightly", branch="main"): "b",
        run(api, name="100% done"): "c",
    }
    for run_id, name in names.items():
        if name != "c":
            api.result(test_run_id=run_id, status="Passed")
    api.result(test_run_id=next(key for key, name in names.items() if name == "b"), status="Failed")
    page = api.app.get("/?" + query)
    assert {names[run_id] for run_id in links(page, "runs")} == found
    if not found:
        assert "No run matches" in page


@pytest.mark.parametrize("query", ["status=passed", "since=yesterday", "project=" + "x" * 101, "text=a&text=b", "text=%00"])
def test_a_filter_that_makes_no_sense_is_422(api, query):
    page = api.app.get("/?" + query, headers={"Accept": "text/html"}, expect_errors=True)
    assert page.status_int in (400, 422)
    assert page.content_type in ("text/html", "application/json")


@pytest.mark.parametrize("after", ["nonsense", "2026-01-01_x", "2026-01-01T00:00:00_01a20571-aa29-70ac-ada8-c720de55a146", "_", "9999"])
def test_a_broken_position_starts_at_the_top(api, after):
    run_id = run(api)
    assert links(api.app.get(f"/?after={after}"), "runs") == [run_id]


def listed(page):
    tables = re.findall(r'<table class="list results">.*?</table>', page.text, re.S)
    return [link for table in tables for link in re.findall(r'href="/results/([0-9a-f-]{36})"', table)]


def test_a_run_groups_its_results_with_the_failed_first(api):
    run_id = run(api, build_url="https://ci.example/1")
    made = {}
    for name, suite, status in (("b", "z", "Passed"), ("a", "z", "Failed"), ("c", "a", "Passed"), ("d", None, "Skipped")):
        made[name] = api.result(test_run_id=run_id, name=name, suite=suite, status=status, duration_ms=100)
    page = api.app.get(f"/runs/{run_id}")
    assert listed(page) == [made["a"], made["b"], made["d"], made["c"]]
    assert 'href="https://ci.example/1"' in page
    assert listed(api.app.get(f"/runs/{run_id}?status=Skipped")) == [made["d"]]
    assert "No result matches" in api.app.get(f"/runs/{run_id}?text=nothing")


def test_a_run_groups_failures_by_cause(api):
    run_id = run(api)
    for number in range(3):
        api.result(test_run_id=run_id, name=f"t{number}", status="Failed", error_type="Timeout", error_message=f"after {number}00 ms")
    api.result(test_run_id=run_id, name="other", status="Failed", error_message="refused")
    page = api.app.get(f"/runs/{run_id}")
    assert re.findall(r'<b class="num count">(\d+)</b>', page.text) == ["3", "1"]


def test_a_build_url_that_is_no_web_address_is_no_link(api):
    page = api.app.get("/runs/" + run(api, build_url="javascript:alert(1)"))
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


@pytest.mark.parametrize(("build_url", "link"), [
    ("https://github.com/acme/shop/actions/runs/42/job/1", "https://github.com/acme/shop/commit/9f31c2e77ab01d"),
    ("https://git.acme.example/web/team/shop/-/jobs/42", "https://git.acme.example/web/team/shop/-/commit/9f31c2e77ab01d"),
    ("https://jenkins.example/job/shop/42/", "/?text=9f31c2e77ab01d"),
    ("javascript:alert(1)//github.com/acme/shop/actions/runs/1", "/?text=9f31c2e77ab01d"),
    (None, "/?text=9f31c2e77ab01d"),
])  # fmt: skip
def test_the_commit_of_a_run_leads_to_its_page_or_to_its_runs(api, build_url, link):
    run_id = run(api, build_url=build_url, commit_sha="9f31c2e77ab01d")
    assert f'commit <a href="{link}"' in api.app.get(f"/runs/{run_id}")
    if link.startswith("/"):
        assert links(api.app.get(link), "runs") == [run_id]


def test_a_commit_that_is_no_hash_makes_no_link_to_elsewhere(api):
    page = api.app.get("/runs/" + run(api, build_url="https://github.com/acme/shop/actions/runs/42", commit_sha="../../evil"))
    assert 'commit <a href="/?text=../../evil"' in page


def test_a_large_run_comes_in_pages(api, statements):
    run_id = run(api)
    for number in range(502):
        api.result(test_run_id=run_id, name=f"t{number:03d}", status="Passed")
    statements.clear()
    page = api.app.get(f"/runs/{run_id}")
    assert len(statements) == 3  # the run, its results, their totals
    assert "page 1 of 2" in page
    assert "t501" in api.app.get(f"/runs/{run_id}?page=2")
    assert "page 2 of 2" in api.app.get(f"/runs/{run_id}?page=99")


def test_results_without_a_run_have_their_list(api):
    alone, other = api.result(name="alone", status="Failed", error_message="boom"), api.result(name="other", test_run_id=run(api))
    page = api.app.get("/results")
    assert links(page, "results") == [alone]
    assert "boom" in page
    assert other not in page
    assert links(api.app.get("/results?status=Passed"), "results") == []
    assert links(api.app.get("/results?text=ALO"), "results") == [alone]


@pytest.fixture
def report(api):
    result = api.result(name="test_login", status="Failed", duration_ms=7120, test_run_id=run(api, name="nightly"))
    steps = [step(number, status="Passed", duration_ms=100 * number) for number in range(1, 6)]
    steps[2] |= {
        "status": "Failed", "error_type": "TimeoutError", "error_message": "nothing came", "expected_value": "url is /a", "actual_value": "url is /b",
        "element_selector": "#login", "stack_trace": 'Traceback (most recent call last):\n  File "/home/x/t.py", line 3, in f\n    go()\nTimeoutError: x',
    }  # fmt: skip
    api.post_steps(result, steps)
    return result


def test_a_result_opens_at_the_step_that_failed(api, report):
    shot = api.upload(report, png(), step_number=3, artifact_category="error").json["id"]
    page = api.app.get(f"/results/{report}")
    assert re.search(r'data-step="3" aria-current="step"', page.text)
    for text in ("TimeoutError", "nothing came", "#login", "<ins>a</ins>", "<del>b</del>", "/home/x/t.py:3", "nightly"):
        assert text in page, text
    assert f'src="{BASE}/artifacts/{shot}/download"' in page


def test_every_step_has_its_own_address(api, report):
    page = api.app.get(f"/results/{report}?step=5")
    assert re.search(r'data-step="5" aria-current="step"', page.text)
    assert "TimeoutError" not in re.search(r'<div id="step".*', page.text, re.S)[0].split("film")[0]
    assert re.search(r'data-step="3" aria-current="step"', api.app.get(f"/results/{report}?step=99").text)
    fragment = api.app.get(f"/results/{report}/step?step=3")
    assert "<html" not in fragment
    assert "nothing came" in fragment
    assert api.app.get(f"/results/{report}/step?step=99", expect_errors=True).status_int == 404
    assert api.app.get(f"/results/{report}?step=x", expect_errors=True).status_int == 422


def test_history_shows_the_same_test_in_other_runs(api, report):
    others = [api.result(name="test_login", status="Passed") for _ in range(55)]
    strip = re.search(r'class="strip">.*?</span></span>', api.app.get(f"/results/{others[-1]}").text, re.S)[0]
    shown = re.findall(r"/results/([0-9a-f-]{36})", strip)
    assert shown == others[-50:]


def test_the_next_and_previous_failed_tests_of_the_run_are_links(api):
    run_id = run(api)
    made = [api.result(test_run_id=run_id, name=str(number), status=status) for number, status in enumerate(["Failed", "Passed", "Failed", "Passed", "Failed"])]
    page = api.app.get(f"/results/{made[2]}")
    assert re.search(rf'data-key="p" href="/results/{made[0]}"', page.text)
    assert re.search(rf'data-key="n" href="/results/{made[4]}"', page.text)
    assert 'data-key="p"' not in api.app.get(f"/results/{made[0]}")


def test_the_same_step_is_shown_as_it_was_when_the_test_passed_last(api):
    passed = api.result(name="t", status="Passed")
    shot = api.upload(passed, png(), step_number=1, artifact_category="after").json["id"]
    failed = api.result(name="t", status="Failed")
    api.post_steps(failed, [step(1, status="Failed")])
    page = api.app.get(f"/results/{failed}")
    assert "Last passed" in page
    assert f"/artifacts/{shot}/download" in page


def test_iterations_are_told_apart(api, report):
    first = api.upload(report, png(noise=b"1"), step_number=3).json["id"]
    second = api.upload(report, png(noise=b"2"), step_number=3, iteration_number=2).json["id"]
    latest = api.app.get(f"/results/{report}")
    assert second in latest
    assert first not in latest
    assert first in api.app.get(f"/results/{report}?iteration=1")


def test_the_gallery_has_every_file_and_their_number(api, report):
    ids = [api.upload(report, png(noise=b"%d" % number), step_number=number).json["id"] for number in range(1, 6)]
    ids.append(api.upload(report, b"hello", artifact_type="log", content_type="text/plain").json["id"])
    page = api.app.get(f"/results/{report}/gallery")
    assert "6 files" in page
    assert set(links(page, "artifacts")) == set(ids)
    assert "No files were sent" in api.app.get(f"/results/{api.result()}/gallery")


def test_what_is_still_running_refreshes_itself(api):
    pending, done = api.result(status="Pending"), api.result(status="Passed")
    assert "data-refresh" in api.app.get(f"/results/{pending}")
    assert "The test is running" in api.app.get(f"/results/{pending}")
    assert "data-refresh" not in api.app.get(f"/results/{done}")
    run_id = run(api, status="Passed")
    assert "data-refresh" not in api.app.get(f"/runs/{run_id}")
    api.result(test_run_id=run_id, status="Pending")
    assert "data-refresh" in api.app.get(f"/runs/{run_id}")


def test_hostile_texts_are_shown_and_nothing_else(api):
    run_id = run(api, name=HOSTILE, project=HOSTILE[:100], branch=HOSTILE, environment=HOSTILE[:100])
    result = api.result(name=HOSTILE, suite=HOSTILE, status="Failed", error_type=HOSTILE[:100], error_message=HOSTILE, test_run_id=run_id)
    texts = ("description", "element_selector", "input_value", "expected_value", "actual_value", "error_message", "stack_trace")
    api.post_steps(result, [step(1, status="Failed", action=HOSTILE[:100], **dict.fromkeys(texts, HOSTILE))])
    for url in ("/", f"/runs/{run_id}", f"/results/{result}", f"/results/{result}/step?step=1", f"/results/{result}/gallery", "/results"):
        page = api.app.get(url)
        assert "<script>alert" not in page, url
        assert "onerror" not in page


def test_a_report_without_anything_is_a_page(api):
    assert "No steps were sent" in api.app.get(f"/results/{api.result(status='Passed')}")
    result = api.result(status="Failed", error_message="boom")
    assert "boom" in api.app.get(f"/results/{result}")
    api.post_steps(result, [{"step_number": 2147483647, "step_type": "click"}])
    assert "2147483647" in api.app.get(f"/results/{result}")


def test_a_report_costs_a_fixed_number_of_statements(api, report, statements):
    for number in range(1, 6):
        api.upload(report, png(noise=b"%d" % number), step_number=number)
    statements.clear()
    api.app.get(f"/results/{report}")
    assert len(statements) == 9  # the result, steps, files, history, both neighbours, the run, the step, the image that passed last
    statements.clear()
    api.app.get(f"/results/{report}/step?step=1")
    assert len(statements) == 3


@pytest.mark.parametrize("path", ["/runs", "/runs/nope", "/results/nope", "/runs/01a20571-aa29-70ac-ada8-c720de55a146", "/nope"])
def test_what_is_not_there_is_a_page_that_says_so(testapp, path):
    page = testapp.get(path, headers={"Accept": "text/html"}, expect_errors=True)
    assert (page.status_int, page.content_type) == (404, "text/html")
    assert "not found" in page.text.lower()


def test_no_page_carries_inline_script_or_style(api, report):
    for url in ("/", "/results", f"/results/{report}", f"/results/{report}/gallery"):
        page = api.app.get(url)
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert not re.search(r'<script(?![^>]* src=)|<style| style="| on[a-z]+="', page.text)


def test_an_error_outside_the_steps_is_shown(api):
    """An assertion after the last step, or a broken tear-down: no step tells of it."""
    result = api.result(status="Failed", error_type="AssertionError", error_message="the total is 12")
    api.post_steps(result, [step(1, status="Passed"), step(2, status="Passed"), step(3, status="Skipped")])
    page = api.app.get(f"/results/{result}")
    assert page.text.count("the total is 12") == 1
    assert re.search(r'data-step="2" aria-current="step"', page.text)  # the last that was done

    both = api.result(status="Failed", error_message="the tear-down broke")
    api.post_steps(both, [step(1, status="Failed", error_message="the click broke")])
    page = api.app.get(f"/results/{both}")
    assert "the tear-down broke" in page
    assert "the click broke" in page


def test_an_error_that_the_step_shows_is_there_once(api, report):
    same = api.result(status="Failed", error_message="step 1: the click broke")
    api.post_steps(same, [step(1, status="Failed", error_message="the click broke")])
    assert "step 1: the click broke" not in api.app.get(f"/results/{same}")
    none = api.result(status="Failed", error_message="the click broke")
    api.post_steps(none, [step(1, status="Failed")])
    assert api.app.get(f"/results/{none}").text.count("the click broke") == 1


def test_a_step_that_tells_the_kind_of_its_error_only_is_helped_by_its_result(api):
    result = api.result(status="Failed", error_message="the click broke")
    api.post_steps(result, [step(1, status="Failed", error_type="TimeoutError")])
    page = api.app.get(f"/results/{result}")
    assert page.text.count("TimeoutError") == 1
    assert page.text.count("the click broke") == 1


def test_a_result_without_steps_shows_its_files(api):
    result = api.result(status="Failed", error_message="boom")
    shot = api.upload(result, png(), artifact_category="error").json["id"]
    assert f"/artifacts/{shot}/thumbnail" in api.app.get(f"/results/{result}")


def test_where_nobody_logs_in_there_is_no_account(testapp):
    page = testapp.get("/account", headers={"Accept": "text/html"}, expect_errors=True)
    assert (page.status_int, page.content_type) == (403, "text/html")
