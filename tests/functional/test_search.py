"""The search page, over both databases, before and after indexing."""

import pytest
from sqlalchemy import text

from artifactsvc.services.search_index import index_pending
from tests.api import BASE, step


@pytest.fixture(params=["fresh", "indexed"])
def find(request, app, testapp):
    """Search, with what was uploaded just noted, or indexed already."""

    def run(query, **more):
        if request.param == "indexed":
            while index_pending(app.registry["engines"].write, calm=-1):
                pass
            with app.registry["engines"].read.connect() as db:
                assert db.scalar(text("SELECT count(*) FROM search_pending")) == 0
        return testapp.get("/search", {"q": query, **more})

    return run


def report(api, **more):
    result = api.result(name="test_checkout", full_name="tests/test_shop.py::test_checkout")
    step_values = {
        "action": "Press Pay",
        "element_selector": "button#pay-now",
        "error_message": "Überweisung <b>failed</b> 100%",
        "stack_trace": "at shop.pay:41",
    }
    api.post_steps(result, [step(1, action="Open shop"), step(3, **{**step_values, **more})])
    return result


@pytest.mark.parametrize("query", ["pay-now", "ÜBERWEIS", "shop.pay:41", "press pay", '"press pay"', "checkout press", "100%", "<b>fail", "ess pay"])
def test_words_and_parts_of_words_lead_to_the_step(api, find, query):
    result = report(api)
    page = find(query)
    assert f'href="/results/{result}#step-3"' in page
    assert f'href="/results/{result}#step-1"' not in page
    assert "<mark>" in page
    assert "<b>failed" not in page


def test_a_name_leads_to_the_result(api, find):
    result = report(api)
    page = find("test_check")
    assert f'href="/results/{result}"' in page
    assert "<mark>test_check</mark>out" in page
    assert "#step-" not in page


@pytest.mark.parametrize("query", ["nowhere", '"pay press"', "press nowhere", "pay%now", "pay_now", "p.y"])
def test_what_is_not_there_is_not_found(api, find, query):
    report(api)
    assert "Nothing found." in find(query)


@pytest.mark.parametrize("query", ["", " ", "ab", '"', '""', '"""', "a b c", "é"])
def test_too_little_to_look_for_is_said(find, query):
    assert "Nothing found" not in find(query)


@pytest.mark.parametrize(
    "query",
    [
        'a"b" OR "c',
        "NEAR(abc def)",
        "abc*",
        "body:abc",
        "abc\0def",
        "%%%",
        "___",
        "'; DROP",
        "\\\\\\",
        "عربي مرحبا",
        "😀😀😀",
        "x" * 100_000,
        "\u202eabc",
        "-abc ^abc",
    ],
)
def test_no_query_is_an_error(find, query):
    assert find(query).status_int == 200


def test_replaced_steps_are_found_and_the_old_ones_are_not(api, find):
    result = report(api)
    assert "#step-3" in find("pay-now")
    api.put_steps(result, [step(7, action="Reload basket")])
    assert f"/results/{result}#step-7" in find("basket")
    assert "Nothing found." in find("pay-now")


def test_a_changed_result_is_found(api, find):
    result = report(api)
    assert "Nothing found." in find("TimeoutError")
    api.app.patch_json(f"{BASE}/test-case-results/{result}", {"error_type": "TimeoutError"})
    assert f'href="/results/{result}"' in find("TimeoutError")


def test_a_deleted_result_is_gone(api, find):
    result = report(api)
    assert result in find("pay-now")
    api.app.delete(f"{BASE}/test-case-results/{result}")
    assert "Nothing found." in find("pay-now")


def test_all_pages_together_show_every_result_once_newest_first(api, find):
    results = [api.result(name=f"test_paging {number}") for number in range(45)]
    seen, before = [], {}
    for _ in range(3):
        page = find("test_paging", **before)
        seen += [link["href"].rpartition("/")[2] for link in page.html.select("h2 a")]
        more = page.html.select_one("a[rel=next]")
        before = {"before": more["href"].rpartition("before=")[2]} if more else {}
    assert seen == results[::-1]
    assert not before


def test_linking_a_screenshot_leaves_the_index_alone(api, app):
    result = report(api)
    while index_pending(app.registry["engines"].write, calm=-1):
        pass
    assert api.upload(result, step_number=3, link_to_step="true").status_int == 201
    with app.registry["engines"].read.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM search_pending")) == 0


def test_the_query_comes_back_escaped(find):
    page = find('"><script>alert(1)</script>')
    assert "<script>alert" not in page
