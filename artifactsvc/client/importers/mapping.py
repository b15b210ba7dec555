"""The one table of what each tool's words become: statuses, step types, kinds of files. docs/importers.md shows it; a test compares."""

import re
from typing import Literal

from artifactsvc.client.report import Status

ArtifactType = Literal["screenshot", "log", "video", "har", "other"]
Category = Literal["before", "after", "error", "checkpoint"]

STATUSES: dict[str, dict[str, Status]] = {
    "allure": {"passed": "Passed", "failed": "Failed", "broken": "Failed", "skipped": "Skipped", "unknown": "Pending"},
    "junit": {
        "no child": "Passed", "failure": "Failed", "error": "Failed", "skipped": "Skipped", "flakyFailure": "Failed", "flakyError": "Failed",
        "rerunFailure": "Failed", "rerunError": "Failed", "status=notrun": "Skipped", "status=disabled": "Skipped",
    },
    "mochawesome": {"passed": "Passed", "failed": "Failed", "pending": "Skipped", "skipped": "Skipped", "none": "Pending"},
    "native": {"Passed": "Passed", "Failed": "Failed", "Skipped": "Skipped", "Pending": "Pending"},
    "playwright": {
        "passed": "Passed", "failed": "Failed", "timedOut": "Failed", "interrupted": "Pending", "skipped": "Skipped",
        "failed, as expected": "Passed", "passed, against expectation": "Failed",
    },
    "robot": {"PASS": "Passed", "FAIL": "Failed", "SKIP": "Skipped", "NOT RUN": "Skipped", "NOT SET": "Pending"},
}  # fmt: skip

# The first row that matches a step's name decides. A phrase matches at the start, behind small words such as "When I"; "…" before it: anywhere.
STEP_TYPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("wait", ("wait", "sleep", "pause")),
    ("screenshot", ("capture", "take screenshot", "take a screenshot", "screenshot")),
    ("dismiss_alert", ("dismiss alert", "dismiss dialog", "cancel alert", "cancel dialog", "dismiss")),
    ("accept_alert", ("accept alert", "accept dialog", "handle alert", "handle future dialogs", "alert", "confirm alert", "confirm dialog")),
    ("upload_file", ("upload", "choose file", "attach file", "set input files")),
    ("drag_drop", ("drag",)),
    ("switch_frame", ("select frame", "unselect frame", "set selenium frame", "switch frame", "switch to frame", "frame locator")),
    ("switch_window", (
        "switch window", "switch to window", "switch tab", "switch to tab", "switch page", "switch browser", "switch context", "close window", "close page",
    )),
    ("scroll", ("scroll",)),
    ("hover", ("hover", "mouse over", "move to element", "focus")),
    ("assert", (
        "…should", "expect", "assert", "verify", "check that", "check if", "ensure", "validate", "…must", "see", "to be", "to have", "to contain",
    )),
    ("select", ("select", "choose", "pick", "unselect", "check", "uncheck", "set checked")),
    ("type", ("type", "input", "fill", "enter", "write", "press key", "press keys", "keyboard", "clear", "send keys", "set value", "press sequentially")),
    ("click", ("click", "double click", "dblclick", "right click", "tap", "press", "push", "submit")),
    ("navigate", (
        "go to", "goto", "go back", "go forward", "navigate", "open", "visit", "reload", "refresh", "new page", "new browser", "load", "launch",
        "create webdriver",
    )),
)  # fmt: skip
OTHER_STEPS = "execute_script"  # a step of the test's own code: everything that no row names
OUTCOME_STEP = "assert"  # the step that tells how the test ended

# The first row whose beginning the media type has decides; a file or attachment named .har is one whatever its type.
ARTIFACT_TYPES: tuple[tuple[str, ArtifactType], ...] = (
    ("image/", "screenshot"),
    ("video/", "video"),
    ("text/html", "other"),
    ("text/", "log"),
    ("application/json", "log"),
    ("application/xml", "log"),
    ("", "other"),
)

# Words in a screenshot's name; without any, a failed step or test makes it `error`, and anything else a `checkpoint`.
CATEGORIES: tuple[tuple[Category, tuple[str, ...]], ...] = (
    ("error", ("error", "fail", "failed", "failure", "fehler", "exception")),
    ("before", ("before", "vorher")),
    ("after", ("after", "nachher", "finished")),
    ("checkpoint", ("checkpoint",)),
)

_SMALL_WORDS = frozenset({"given", "when", "then", "and", "but", "i", "we", "the", "user", "page", "locator", "browser", "driver", "cy", "element"})


def step_type(name: str) -> str:
    """The contract's step type for a step's name."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    anywhere = f" {' '.join(words)} "
    while len(words) > 1 and words[0] in _SMALL_WORDS:
        words.pop(0)
    text = f" {' '.join(words)} "
    for kind, phrases in STEP_TYPES:
        for phrase in phrases:
            if phrase[0] == "…":
                if f" {phrase[1:]} " in anywhere:
                    return kind
            elif text.startswith(f" {phrase} "):
                return kind
    return OTHER_STEPS


def artifact_type(media_type: str, name: str) -> ArtifactType:
    """Parameters: `media_type`, lower case without parameters; `name`, of the file or the attachment."""
    if name.lower().endswith(".har"):
        return "har"
    return next(kind for start, kind in ARTIFACT_TYPES if media_type.startswith(start))


def category(name: str, failed: bool) -> Category:
    """When a screenshot was taken, as far as its name and the outcome of its step say."""
    words = set(re.findall(r"[^\W_\d]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    for kind, hints in CATEGORIES:
        if not words.isdisjoint(hints):
            return kind
    return "error" if failed else "checkpoint"
