"""Writes a native result.json with files beside it, as a team's own runner would. Usage: native.py FOLDER"""

import json
import sys
from pathlib import Path

from picture import png

folder = Path(sys.argv[1])
(folder / "files").mkdir(parents=True)
(folder / "files" / "überweisung.png").write_bytes(png(0, 90, 0))
(folder / "files" / "overlay.png").write_bytes(png(90, 0, 0))
(folder / "console.log").write_text("signed in as Jürgen 登录\n")
(folder / "traffic.har").write_text('{"log": {"version": "1.2", "creator": {"name": "shop", "version": "1"}, "entries": []}}')


def attempt(status: str, second: int) -> dict:
    failed = status == "Failed"
    return {
        "name": "Überweisung 登录",
        "full_name": "bank/transfer",
        "suite": "bank",
        "status": status,
        "duration_ms": 1600,
        "error_message": "Element not clickable: obscured by overlay" if failed else None,
        "error_type": "ElementClickInterceptedException" if failed else None,
        "started_at": f"2026-01-24T12:00:0{second}.000Z",
        "steps": [
            {"step_number": 1, "step_type": "navigate", "action": "Open bank", "status": "Passed", "input_value": "https://bank.example/"},
            {
                "step_number": 2,
                "step_type": "click",
                "action": "Click transfer",
                "description": "Depth: 1 · in: Transfer",
                "status": status,
                "element_selector": "button[type='submit']",
                "error_message": "Element not clickable: obscured by overlay" if failed else None,
                "stack_trace": "Traceback (most recent call last):\n  …" if failed else None,
                "started_at": f"2026-01-24T12:00:0{second}.250Z",
                "duration_ms": 350,
            },
        ],
        "artifacts": [
            {"file": "files/overlay.png" if failed else "files/überweisung.png", "step_number": 2, "artifact_category": "error" if failed else "after"},
            {"file": "console.log", "description": "what the browser said"},
            {"file": "traffic.har"},
        ],
    }


tests = [attempt("Failed", 0), attempt("Passed", 5), {"name": "Drucken", "status": "Skipped", "error_message": "no printer here"}]
(folder / "result.json").write_text(json.dumps({"tests": tests}, indent=2, ensure_ascii=False) + "\n")
