"""Search and storage in a browser; every page without console errors, and accessible in both themes."""

import pytest
from playwright.sync_api import expect

from tests.api import step


@pytest.fixture
def report(site):
    run = site.run()
    result = site.result(name="test_checkout", full_name="tests/test_shop.py::test_checkout", status="Failed", test_run_id=run)
    site.steps(result, [step(1, action="Open shop", status="Passed"), step(2, action="Press Pay", status="Failed", error_message="Overlay <b>covers</b> it")])
    site.upload(result, step_number=2, artifact_category="error")
    return result


def test_the_search_box_leads_to_the_step(page, report):
    page.goto("/")
    box = page.get_by_role("searchbox", name="Search")
    box.fill("overlay <b>cov")
    box.press("Enter")
    link = page.get_by_role("link", name="Step 2 Press Pay")
    expect(link).to_have_attribute("href", f"/results/{report}#step-2")
    expect(page.locator("mark").first).to_have_text("Overlay")


def test_the_chart_has_a_table(page, report):
    page.goto("/storage")
    expect(page.get_by_role("img", name="Bytes uploaded in each month")).to_be_visible()
    expect(page.get_by_role("rowheader", name="screenshot")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=press", "/search?q=nowhere", "/storage"])
def test_axe_finds_nothing_serious(page, audit, report, theme, path):
    page.emulate_media(color_scheme=theme)
    page.goto(path)
    audit()


@pytest.mark.parametrize("width", [360, 1366, 2560])
@pytest.mark.parametrize("path", ["/search?q=press", "/storage"])
def test_nothing_is_wider_than_the_window(page, site, report, path, width):
    result = site.result(name="press" + "x" * 195)
    site.upload(result)
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(path)
    assert page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")
