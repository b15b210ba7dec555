"""The table of mapping, and that docs/importers.md shows just it."""

import re
from pathlib import Path

import pytest

from artifactsvc.client.importers.mapping import ARTIFACT_TYPES, CATEGORIES, STATUSES, STEP_TYPES, artifact_type, category, step_type

DOCS = (Path(__file__).resolve().parents[4] / "docs" / "importers.md").read_text()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Click 'Anmelden'", "click"),
        ("When I click the button", "click"),
        ("page.click", "click"),
        ("locator.fill", "type"),
        ("cy.visit", "navigate"),
        ("Go To", "navigate"),
        ("Wait Until Page Contains Element", "wait"),
        ("Page Should Contain", "assert"),
        ("Then the greeting should be visible", "assert"),
        ("expect.toHaveText", "assert"),
        ("Select From List By Label", "select"),
        ("Select Frame", "switch_frame"),
        ("Select Checkbox", "select"),
        ("Check that the total is right", "assert"),
        ("Mouse Over", "hover"),
        ("Drag And Drop", "drag_drop"),
        ("Execute Javascript", "execute_script"),
        ("Switch Window", "switch_window"),
        ("Handle Alert", "accept_alert"),
        ("Dismiss Alert", "dismiss_alert"),
        ("Choose File", "upload_file"),
        ("Upload File By Selector", "upload_file"),
        ("Capture Page Screenshot", "screenshot"),
        ("take_screenshot", "screenshot"),
        ("takeScreenshot", "screenshot"),
        ("scrollIntoView", "scroll"),
        ("Clickable things", "execute_script"),
        ("prepare data", "execute_script"),
        ("登录", "execute_script"),
        ("", "execute_script"),
    ],
)
def test_a_steps_name_tells_its_type(name, kind):
    assert step_type(name) == kind


@pytest.mark.parametrize(
    ("media_type", "name", "kind"),
    [
        ("image/png", "a.png", "screenshot"),
        ("video/webm", "a", "video"),
        ("application/json", "net.HAR", "har"),
        ("text/plain", "a", "log"),
        ("", "a", "other"),
    ],
)
def test_a_media_type_tells_the_kind_of_file(media_type, name, kind):
    assert artifact_type(media_type, name) == kind


@pytest.mark.parametrize(
    ("name", "failed", "kind"),
    [
        ("before click.png", True, "before"),
        ("afterLogin", False, "after"),
        ("x", True, "error"),
        ("x", False, "checkpoint"),
        ("terrors.png", False, "checkpoint"),
    ],
)
def test_a_name_and_a_status_tell_the_category(name, failed, kind):
    assert category(name, failed) == kind


def rows(heading):
    """The cells of the table below a heading, without its head."""
    section = DOCS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(re.sub(r"`", "", cell).strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def test_the_docs_show_every_status():
    assert rows("Statuses") == [(tool, word, status) for tool, words in STATUSES.items() for word, status in words.items()]


def test_the_docs_show_every_step_type():
    assert rows("Step types") == [*((kind, ", ".join(phrases)) for kind, phrases in STEP_TYPES), ("execute_script", "everything else")]


def test_the_docs_show_every_kind_of_file_and_category():
    assert rows("Kinds of files") == [(kind, f"{start}…" if start else "anything else") for start, kind in ARTIFACT_TYPES]
    assert rows("Categories of screenshots") == [(kind, ", ".join(words)) for kind, words in CATEGORIES]
