"""Every collection: page, per_page, total, a stable order"""

import pytest

from tests.api import BASE, assert_detail, png

BAD = ("0", "-1", "01", "+1", "1.0", "1e1", "", "%20", "1%20", "true", "x", "2147483648", "9" * 30, "%D9%A1", "null")


def collections(api):
    return [f"{BASE}/test-runs", f"{BASE}/test-case-results", f"{BASE}/test-case-results/{api.result()}/artifacts"]


def test_page_is_empty_but_whole_when_there_is_nothing(api):
    for url in (f"{BASE}/test-runs", f"{BASE}/test-case-results"):
        assert api.app.get(url).json == {"total": 0, "page": 1, "per_page": 100, "items": []}


def test_page_or_per_page_is_422_when_out_of_range_or_no_integer(api):
    for url in collections(api):
        for name in ("page", "per_page"):
            for value in BAD:
                body = assert_detail(api.app.get(f"{url}?{name}={value}", expect_errors=True), 422)
                assert list(body["errors"]) == [name], (url, value)
        assert_detail(api.app.get(f"{url}?per_page=501", expect_errors=True), 422)
        assert api.app.get(f"{url}?per_page=500").json["per_page"] == 500
        assert api.app.get(f"{url}?per_page=1").json["per_page"] == 1


def test_parameter_is_422_when_given_twice(api):
    for url in collections(api):
        assert_detail(api.app.get(f"{url}?page=1&page=2", expect_errors=True), 422)


def test_items_are_empty_when_the_page_is_beyond_the_end(api):
    api.run()
    for page in (2, 1000, 2147483647):
        answer = api.app.get(f"{BASE}/test-runs?page={page}&per_page=500").json
        assert answer == {"total": 1, "page": page, "per_page": 500, "items": []}


@pytest.mark.parametrize("noun", ["runs", "results"])
def test_no_row_is_shown_twice_or_missed_when_paged(api, noun):
    make, url = (api.run, f"{BASE}/test-runs") if noun == "runs" else (api.result, f"{BASE}/test-case-results")
    made = [make() for _ in range(7)]
    pages = [api.app.get(f"{url}?page={page}&per_page=3").json for page in (1, 2, 3)]
    assert [item["id"] for page in pages for item in page["items"]] == made[::-1]
    assert [(page["total"], page["page"], page["per_page"], len(page["items"])) for page in pages] == [(7, 1, 3, 3), (7, 2, 3, 3), (7, 3, 3, 1)]


def test_artifacts_are_oldest_first_over_the_pages_when_stored_at_one_moment(api):
    result = api.result()
    stored = api.batch(result, [(f"{index}.png", png(noise=b"%d" % index)) for index in range(20)]).json["artifacts"]
    stored.append(api.upload(result).json)
    pages = [api.artifacts(result, f"?page={page}&per_page=8") for page in (1, 2, 3)]
    assert [item["id"] for page in pages for item in page["items"]] == [item["id"] for item in stored]
    assert {page["total"] for page in pages} == {21}


def test_total_counts_what_the_filter_keeps(api):
    result = api.result()
    for number in (1, 1, 2):
        api.upload(result, step_number=number)
    page = api.artifacts(result, "?step_number=1&per_page=1")
    assert (page["total"], len(page["items"])) == (2, 1)


def test_unknown_parameters_are_ignored(api):
    assert api.app.get(f"{BASE}/test-runs?colour=red&colour=blue").status_int == 200


@pytest.mark.ini(**{"artifactsvc.max_per_page": "20"})
def test_per_page_is_limited_when_the_setting_is_lower(api):
    assert api.app.get(f"{BASE}/test-runs").json["per_page"] == 20
    assert_detail(api.app.get(f"{BASE}/test-runs?per_page=21", expect_errors=True), 422)


def test_filter_is_422_and_names_the_parameter_when_its_value_is_unknown(api):
    artifacts = f"{BASE}/test-case-results/{api.result()}/artifacts"
    for url, name, values in (
        (f"{BASE}/test-runs", "status", ("passed", "x", "", "Passed%20", "Passed,Failed", "%00")),
        (f"{BASE}/test-runs", "project", ("a%00b", "x" * 101)),
        (f"{BASE}/test-case-results", "status", ("FAILED", "", "1")),
        (f"{BASE}/test-case-results", "test_run_id", ("x", "", "null", "1")),
        (f"{BASE}/test-case-results", "full_name", ("%00", "x" * 1001)),
        (artifacts, "artifact_type", ("Screenshot", "", "png", "other%20", "%00")),
        (artifacts, "step_number", ("0", "01", "+1", "-1", "1.0", "", "x", "2147483648", "true")),
    ):
        for value in values:
            body = assert_detail(api.app.get(f"{url}?{name}={value}", expect_errors=True), 422)
            assert list(body["errors"]) == [name], (url, name, value)
