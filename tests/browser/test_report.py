"""From the login to the cause of a failure, as a person goes: a browser, the keyboard, real files."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.accounts import PASSWORD
from tests.live import ROOT

WIDE = {"width": 1366, "height": 768}
TRACE = """Traceback (most recent call last):
  File "/home/ci/shop/tests/test_login.py", line 41, in test_login
    page.sign_in.click()
  File "/usr/lib/python3/site-packages/selenium/webelement.py", line 94, in click
    self._execute(Command.CLICK)
TimeoutError: nothing came"""
SHOT = (ROOT / "demo" / "shots" / "login_banner.png").read_bytes()
OTHER = (ROOT / "demo" / "shots" / "login_submit.png").read_bytes()
HAR = {
    "log": {
        "version": "1.2", "creator": {"name": "x", "version": "1"},
        "entries": [
            {
                "startedDateTime": f"2026-11-22T12:00:0{n}.000Z", "time": 100 * n, "timings": {"send": 1, "wait": 2, "receive": 3},
                "request": {"method": "GET", "url": f"https://shop.example/page{n}", "headers": [], "queryString": [], "httpVersion": "HTTP/2"},
                "response": {"status": 500 if n == 2 else 200, "statusText": "", "headers": [], "content": {"size": n, "mimeType": "text/html"}},
            }
            for n in range(1, 4)
        ],
    }
}  # fmt: skip


@pytest.fixture
def report(site):
    """A run with two failed tests and one that passed."""
    run = site.run(name="Nightly web", project="shop", branch="main")
    error = {"error_type": "TimeoutError", "error_message": "nothing came after 5000 ms"}
    failed = site.result(test_run_id=run, full_name="t", suite="tests/test_login.py", status="Failed", duration_ms=7120, **error)
    other = site.result(name="test_other", test_run_id=run, status="Failed", **error)
    site.result(name="test_fine", test_run_id=run, status="Passed")
    steps = [{"step_number": n, "step_type": "click", "action": f"Click on part {n}", "status": "Passed", "duration_ms": 100 * n} for n in range(1, 21)]
    steps[14] |= {
        "status": "Failed", "element_selector": "button[type='submit']", "expected_value": "url is /dashboard", "actual_value": "url is /login",
        "stack_trace": TRACE, **error,
    }  # fmt: skip
    steps[17] |= {"status": "Failed", "error_message": "a second one"}
    site.steps(failed, steps)
    site.steps(other, [{"step_number": 1, "step_type": "click", "status": "Failed", **error}])
    for number in range(1, 16):
        site.upload(failed, SHOT if number == 15 else OTHER, step_number=number, artifact_category="error" if number == 15 else "after")
    site.upload(failed, OTHER, step_number=15, artifact_category="before")
    return {"run": run, "failed": failed, "other": other}


def is_on_screen(locator):
    box = locator.bounding_box()
    view = locator.page.viewport_size
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= view["height"] and box["x"] >= 0 and box["x"] + box["width"] <= view["width"]


def test_the_cause_of_a_failure_is_seen_without_scrolling(page, report):
    page.goto("/")
    page.get_by_role("link", name="Nightly web").click()
    page.locator(".suite").get_by_role("link", name="test_login").click()
    for text in ("nothing came after 5000 ms", "button[type='submit']"):
        assert is_on_screen(page.locator("#step").get_by_text(text).first), text
    assert is_on_screen(page.locator("#step del"))
    assert is_on_screen(page.locator("#step ins"))
    assert is_on_screen(page.locator(".steps a[aria-current]"))
    image = page.locator("#step .shot img").first
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    assert is_on_screen(image)


def chosen(page, number):
    page.wait_for_selector(f'.steps a[data-step="{number}"][aria-current]')
    page.wait_for_selector(f'#step .step[data-number="{number}"]')
    return True


def test_a_report_is_walked_by_keyboard(page, report):
    page.goto(f"/results/{report['failed']}")
    assert chosen(page, 15)
    page.keyboard.press("k")
    assert chosen(page, 14)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    assert chosen(page, 16)
    page.keyboard.press("f")
    assert chosen(page, 18)
    assert page.url.endswith("#step-18")
    page.keyboard.press("F")
    assert chosen(page, 15)
    page.keyboard.press("z")
    assert page.locator("dialog.zoom").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url(f"**/results/{report['other']}")
    page.keyboard.press("p")
    page.wait_for_url(f"**/results/{report['failed']}")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_step_has_an_address_of_its_own(page, report):
    page.goto(f"/results/{report['failed']}#step-3")
    assert chosen(page, 3)
    page.goto(f"/results/{report['failed']}?step=4#step-4")
    assert chosen(page, 4)
    page.locator(".film a").first.click()
    assert chosen(page, 1)


def test_tabs_and_the_slider_show_the_other_screenshots(page, report):
    page.goto(f"/results/{report['failed']}")
    page.get_by_text("Before", exact=True).click()
    page.get_by_alt_text("Before of step 15").wait_for()
    page.get_by_role("button", name="Compare").click()
    slider = page.get_by_role("slider")
    slider.fill("20")
    assert page.locator(".compare .over").evaluate("image => image.style.clipPath") == "inset(0px 80% 0px 0px)"
    page.get_by_role("button", name="Side by tab").click()
    assert page.locator(".compare").count() == 0


def test_the_theme_is_switched_and_remembered(page, report):
    page.goto("/")
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_role("button", name="Theme: dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_a_running_test_refreshes_without_losing_the_place(page, site):
    result = site.result(status="Pending")
    site.steps(result, [{"step_number": n, "step_type": "click", "action": f"Step {n}", "status": "Passed"} for n in range(1, 41)])
    page.goto(f"/results/{result}#step-30")
    assert chosen(page, 30)
    before = page.locator(".outline").evaluate("element => element.scrollTop")
    assert before > 0
    site.put(
        f"/test-case-results/{result}/steps",
        {"steps": [{"step_number": n, "step_type": "click", "action": f"Step {n}", "status": "Passed"} for n in range(1, 42)]},
    )
    page.locator('.steps a[data-step="41"]').wait_for(state="attached", timeout=15_000)
    assert chosen(page, 30)
    assert abs(page.locator(".outline").evaluate("element => element.scrollTop") - before) < 10


def test_a_refresh_keeps_the_tab_the_focus_and_the_scrolling_of_the_step(page, site):
    result = site.result(status="Pending")
    steps = [{"step_number": n, "step_type": "click", "action": f"Step {n}", "status": "Passed", "stack_trace": TRACE * 9} for n in range(1, 9)]
    site.steps(result, steps)
    for category in ("before", "after"):
        site.upload(result, SHOT, step_number=3, artifact_category=category)
    page.goto(f"/results/{result}#step-3")
    assert chosen(page, 3)
    page.get_by_text("Before", exact=True).click()
    page.get_by_alt_text("Before of step 3").evaluate("image => image.decode()")
    page.locator('.steps a[data-step="3"]').focus()
    top = page.locator(".detail").evaluate("element => { element.scrollTo({ top: 150, behavior: 'instant' }); return element.scrollTop }")
    assert top > 0
    site.put(f"/test-case-results/{result}/steps", {"steps": [*steps, {"step_number": 9, "step_type": "click"}]})
    page.locator('.steps a[data-step="9"]').wait_for(state="attached", timeout=15_000)
    page.wait_for_timeout(500)
    assert page.get_by_alt_text("Before of step 3").is_visible()
    assert page.locator(".detail").evaluate("element => element.scrollTop") == top
    assert page.evaluate("document.activeElement.dataset.step") == "3"


def test_the_first_steps_of_a_running_test_appear(page, site):
    result = site.result(status="Pending")
    page.goto(f"/results/{result}")
    assert page.get_by_text("The test is running").is_visible()
    site.steps(result, [{"step_number": 1, "step_type": "click", "action": "Click on Buy"}])
    page.locator('.steps a[data-step="1"]').wait_for(timeout=15_000)


def test_a_refresh_of_a_run_keeps_what_was_unfolded(page, site):
    run = site.run(name="Nightly", status="Pending")
    for kind in ("KeyError", "TimeoutError"):
        site.result(test_run_id=run, status="Failed", error_type=kind, error_message="it broke")
    page.goto(f"/runs/{run}")
    page.locator("summary", has_text="KeyError").click()
    site.result(name="test_new", test_run_id=run, status="Pending")
    page.get_by_role("link", name="test_new").wait_for(timeout=15_000)
    assert page.locator("details[open] summary").inner_text().split()[1] == "KeyError"


def test_pages_read_without_scripts(browser, site, report):
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport=WIDE)
    page = context.new_page()
    page.goto(f"/results/{report['failed']}")
    assert page.get_by_text("nothing came after 5000 ms").first.is_visible()
    page.get_by_text("Before", exact=True).click()
    assert page.get_by_alt_text("Before of step 15").is_visible()
    page.locator('.steps a[data-step="18"]').click()
    assert page.get_by_text("a second one").is_visible()
    context.close()


def test_a_log_is_searched_and_its_lines_are_linked(page, site, report):
    log = "\n".join(f"line {n} \x1b[31mred\x1b[0m" if n % 1000 else f"needle {n}" for n in range(1, 60_001)).encode()
    artifact = site.upload(report["failed"], log, "server.log", "text/plain", artifact_type="log")
    page.goto(f"/artifacts/{artifact}")
    assert page.get_by_text("line 1 red").first.is_visible()
    page.goto(f"/artifacts/{artifact}?q=needle")
    page.get_by_text("needle 1000").first.wait_for()
    page.goto(f"/artifacts/{artifact}#L30000")
    page.get_by_text("needle 30000").first.wait_for()
    page.locator("text=line 1 red").wait_for(state="detached")  # the file is not there as a whole


def test_the_list_of_keys_is_the_page_s_own_and_keeps_them_quiet(page, site, report):
    first, _ = (site.upload(report["other"], SHOT, step_number=1) for _ in range(2))
    page.goto(f"/artifacts/{first}")
    page.keyboard.press("?")
    assert "next, previous file" in page.locator("dialog.keys").inner_text()
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert page.url.endswith(first)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_url(lambda url: not url.endswith(first))


def test_a_network_archive_is_a_waterfall(page, site, report):
    artifact = site.upload(report["failed"], json.dumps(HAR).encode(), "network.har", "application/json", artifact_type="har")
    page.goto(f"/artifacts/{artifact}")
    assert page.get_by_text("page2").first.is_visible()
    assert page.get_by_text("500", exact=True).first.is_visible()


@pytest.fixture
def video(tmp_path):
    return (ROOT / "demo" / "video.webm").read_bytes()


def test_a_video_is_sought_by_ranges(browser, tmp_path, video):
    from tests.browser.conftest import Site
    from tests.live import LiveServer, free_port

    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/v.sqlite", "ARTIFACT_STORAGE_PATH": str(tmp_path / "v"), "ARTIFACT_ALLOWED_TYPES": "image/png video/webm",
    }  # fmt: skip
    server = LiveServer(free_port(), environ, tmp_path / "v.log")
    server.start()
    try:
        site = Site(server)
        artifact = site.upload(site.result(), video, "test.webm", "video/webm", artifact_type="video")
        page = browser.new_page(base_url=server.url)
        page.goto(f"/artifacts/{artifact}")
        player = page.locator("video")
        player.evaluate("video => new Promise(done => video.readyState ? done() : video.addEventListener('loadedmetadata', done))")
        player.evaluate("video => new Promise(done => { video.addEventListener('seeked', done); video.currentTime = 3; })")
        assert player.evaluate("video => video.currentTime") == 3
        assert " 206 " in Path(server.log).read_text()
        page.close()
    finally:
        server.stop()


def test_after_logging_out_page_and_image_are_closed(browser, tmp_path):
    from tests.browser.conftest import Site
    from tests.live import LiveServer, free_port

    ini = tmp_path / "closed.ini"
    text = (ROOT / "development.ini").read_text().replace("auth.required = false", "auth.required = true").replace("auth.secret =", "auth.secret = " + "s" * 40)
    ini.write_text(text.replace("%(here)s", str(tmp_path)))
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/c.sqlite", "ARTIFACT_STORAGE_PATH": str(tmp_path / "c")}
    server = LiveServer(free_port(), environ, tmp_path / "c.log", ini=str(ini))
    server.start()
    try:
        token = make_admin(str(ini), environ)
        site = Site(server, token)
        result = site.result(status="Failed")
        site.steps(result, [{"step_number": 1, "step_type": "click", "status": "Failed"}])
        artifact = site.upload(result, SHOT, step_number=1)
        context = browser.new_context(base_url=server.url)
        page = context.new_page()
        page.goto(f"/results/{result}")
        assert "/login?next=" in page.url
        page.get_by_label("Login name").fill("anna")
        page.get_by_label("Password").fill("wrong wrong wrong")
        page.get_by_role("button", name="Log in").click()
        assert page.get_by_role("alert").inner_text() == "Login name or password is wrong."
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**/results/{result}")
        image = page.locator("#step .shot img").first
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto(f"/results/{result}")
        assert "/login" in page.url
        answer = page.evaluate(f"fetch('/api/v1/reports/artifacts/{artifact}/download').then(answer => answer.status)")
        assert answer == 401
        page.go_back()
        assert page.locator("#step").count() == 0
        context.close()
    finally:
        server.stop()


def make_admin(ini, environ):
    import os
    import sys

    command = [str(Path(sys.executable).parent / "artifactsvc"), "-c", ini]
    options = {"env": {**os.environ, **environ}, "check": True, "text": True, "capture_output": True}
    subprocess.run([*command, "user", "add", "anna", "--role", "admin", "--password-stdin"], input=PASSWORD + "\n", **options)
    return subprocess.run([*command, "token", "create", "anna", "--name", "test", "--role", "admin"], **options).stdout.strip()


@pytest.mark.parametrize("width", [360, 1366])
def test_no_page_has_serious_problems_of_access(page, report, site, audit, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 768})
    log = site.upload(report["failed"], b"a log\n" * 20, "a.log", "text/plain", artifact_type="log")
    image = site.upload(report["failed"], SHOT)
    har = site.upload(report["failed"], json.dumps(HAR).encode(), "n.har", "application/json", artifact_type="har")
    paths = [
        "/",
        f"/runs/{report['run']}",
        "/results",
        f"/results/{report['failed']}",
        f"/results/{report['failed']}/gallery",
        "/search?q=click",
        "/users",
        "/audit",
    ]
    for path in [*paths, *(f"/artifacts/{artifact}" for artifact in (log, image, har))]:
        page.goto(path)
        audit()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} is wider than the window"
