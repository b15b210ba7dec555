"""The storage page: the same numbers as the database, on both kinds."""

import re
from datetime import UTC, datetime

from sqlalchemy import text

from artifactsvc.services import storage
from tests.api import png


def test_an_empty_store_says_so(testapp):
    assert "Nothing is stored yet" in testapp.get("/storage")


def test_artifacts_are_counted_by_type_month_and_test(api, app):
    result = api.result(name="test_big", full_name="tests/big.py::test_big")
    for number in range(3):
        api.upload(result, png(noise=b"%d" % number))
    log = api.upload(api.result(name="test_small"), b"x" * 1500, "a.log", "text/plain", artifact_type="log").json["id"]
    with app.registry["engines"].write.begin() as db:
        db.execute(text("UPDATE test_artifacts SET uploaded_at = :then WHERE id = :id"), {"then": "2026-01-31 23:30:00", "id": log})
    page = api.app.get("/storage")
    rows = {row.th.text: [cell.text for cell in row.select("td")] for row in page.html.select("tbody tr") if row.th}
    size = 3 * (len(png(noise=b"0")))
    assert rows["screenshot"] == ["3", f"{size} bytes"]
    assert rows["log"] == ["1", "1.46 KB"]
    assert rows["tests/big.py::test_big"] == ["3", f"{size} bytes"]
    assert rows["2026-01"] == ["1", "1.46 KB"]
    assert rows[f"{datetime.now(UTC):%Y-%m}"][0] == "3"
    assert len(page.html.select("main svg rect")) == sum(1 for name in rows if re.fullmatch(r"\d{4}-\d\d", name))
    assert " style=" not in page.html.main.decode()


def test_figures_are_kept_for_some_minutes(api, monkeypatch):
    api.upload(api.result())
    assert "<b>1</b> artifacts" in api.app.get("/storage")
    api.upload(api.result())
    assert "<b>1</b> artifacts" in api.app.get("/storage")
    monkeypatch.setattr(storage.time, "monotonic", lambda clock=storage.time.monotonic: clock() + storage.KEPT + 1)
    assert "<b>2</b> artifacts" in api.app.get("/storage")


def test_months_without_uploads_are_there():
    assert [group.name for group in storage._without_gaps({"2025-11": [1, 2], "2026-02": [1, 2]})] == ["2025-11", "2025-12", "2026-01", "2026-02"]
