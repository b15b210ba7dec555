"""`artifactsvc upload`: what is on the server afterwards, what the command says, and how it ends."""

import hashlib
import json

import pytest

from tests.api import gif, png


def run_of(stdout):
    """The run's id in the URL that the command ends with."""
    return stdout.strip().splitlines()[-1].rpartition("/")[2]


def results_of(client, run):
    return {result["name"]: result for result in client.list_results(test_run_id=run)}


def test_a_report_is_stored_with_steps_and_linked_screenshots(run_cli, client, server, make_report):
    path = make_report(tests=3, screenshots=2)
    code, out, err = run_cli("upload", path, "--name", "nightly", "--branch", "main", "--no-png")
    assert (code, out) == (0, f"{server.url}/runs/{run_of(out)}\n"), err
    run = client.get_run(run_of(out))
    assert (run["name"], run["branch"], run["status"]) == ("nightly", "main", "Passed")
    assert run["completed_at"]
    results = results_of(client, run["id"])
    assert set(results) == {"test 0", "test 1", "test 2"}
    for number in range(3):
        report = client.get_steps(results[f"test {number}"]["id"])
        assert [step["action"] for step in report["steps"]] == ["Click 1", "Click 2"]
        for step in report["steps"]:
            data = b"".join(client.read_artifact(step["screenshot"]["id"]))
            assert data == (path.parent / f"{number}-{step['step_number']}.png").read_bytes()
    assert "3 tests, 6 steps, 6 files" in err


def test_the_spool_is_empty_when_all_is_stored(run_cli, make_report, spool):
    assert run_cli("upload", make_report())[0] == 0
    assert list(spool.iterdir()) == []


def test_screenshots_become_smaller_and_keep_their_pixels(run_cli, client, make_report, tmp_path):
    import zlib

    path = make_report(tests=1, screenshots=1)
    code, out, _ = run_cli("upload", path, "--json", "--png-level", "2")
    summary = json.loads(out)
    assert code == 0
    assert summary["bytes_saved"] > 0
    (artifact,) = client.list_artifacts(next(client.list_results(test_run_id=run_of(summary["url"])))["id"])
    assert artifact["file_size"] == summary["bytes"]
    assert artifact["file_size"] + summary["bytes_saved"] == (path.parent / "0-1.png").stat().st_size
    small = b"".join(client.read_artifact(artifact["id"]))
    assert zlib.crc32(small[12:29]) == int.from_bytes(small[29:33], "big")  # still a PNG, 40 pixels wide
    assert small[16:24] == (40).to_bytes(4, "big") * 2


def test_the_summary_counts_and_names_everything(run_cli, make_report):
    odd = {
        "key": "odd", "name": "odd", "status": "Failed",
        "files": {"empty.log": b"", "tool.bin": b"\x7fELF" + b"x" * 60, "torn.png": png()[:-6], "ok.gif": gif()},
        "attachments": [
            {"name": name, "path": name}
            for name in ("empty.log", "tool.bin", "torn.png", "ok.gif", "gone.txt")
        ],
    }  # fmt: skip
    code, out, _ = run_cli("upload", make_report(tests=1, more=[odd, {"skipped": ["a video", "it was not kept"]}]), "--json")
    summary = json.loads(out)
    assert code == summary["exit_status"] == 4
    assert (summary["tests"], summary["steps"], summary["files"], summary["spooled"]) == (2, 2, 3, 0)
    assert summary["statuses"] == {"Passed": 1, "Failed": 1}
    assert sorted(item["what"] for item in summary["refused"]) == ["tool.bin of odd", "torn.png of odd"]
    assert {item["what"]: item["why"] for item in summary["refused"]}["torn.png of odd"] == "File corrupted or unreadable"
    assert sorted(item["what"] for item in summary["skipped"]) == ["a video", "empty.log of odd", "gone.txt of odd"]


def test_a_refused_file_costs_no_other_when_it_is_in_a_batch(run_cli, client, make_report):
    files = {f"{n}.png": png(noise=bytes([n])) if n != 30 else png()[:-6] for n in range(60)}
    odd = {"key": "k", "name": "many", "files": files, "attachments": [{"name": name, "path": name} for name in files]}
    code, out, err = run_cli("upload", make_report(tests=0, more=[odd]), "--no-png")
    assert code == 4
    assert "30.png of many: File corrupted or unreadable" in err
    (result,) = client.list_results(test_run_id=run_of(out))
    stored = {item["file_name"]: client.get_artifact(item["id"])["checksum"] for item in client.list_artifacts(result["id"])}
    assert stored == {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "30.png"}


def test_a_file_over_the_limit_is_named_and_not_sent(run_cli, make_report):
    big = {"key": "k", "name": "big", "files": {"a.log": b"x" * (10 * 2**20 + 1)}, "attachments": [{"name": "a.log", "path": "a.log"}]}
    code, _, err = run_cli("upload", make_report(tests=0, more=[big]))
    assert code == 4
    assert "a.log of big: 10.0 MB is over the server's limit of 10.0 MB" in err


def test_text_of_another_kind_goes_as_plain_text_with_the_same_bytes(run_cli, client, make_report):
    data = "<testsuite>é</testsuite>".encode()
    item = {"key": "k", "name": "xml", "files": {"junit.xml": data}, "attachments": [{"name": "junit.xml", "path": "junit.xml", "artifact_type": "log"}]}
    code, out, _ = run_cli("upload", make_report(tests=0, more=[item]))
    assert code == 0
    (artifact,) = client.list_artifacts(next(client.list_results(test_run_id=run_of(out)))["id"])
    assert (artifact["file_name"], artifact["mime_type"]) == ("junit.xml", "text/plain")
    assert b"".join(client.read_artifact(artifact["id"])) == data


def test_long_texts_are_cut_to_their_column_and_kept_whole(run_cli, client, make_report):
    action, name = "Click " + "x" * 300, "n" * 700
    step = {"step_number": 1, "step_type": "levitate", "action": action, "description": "before", "error_type": "E" * 200}
    code, out, _ = run_cli("upload", make_report(tests=0, more=[{"key": "k", "name": name, "full_name": "f" * 1500, "steps": [step]}]))
    assert code == 0
    (result,) = client.list_results(test_run_id=run_of(out))
    assert (len(result["name"]), result["name"][-1], len(result["full_name"])) == (500, "…", 1000)
    (stored,) = client.get_steps(result["id"])["steps"]
    assert (stored["step_type"], stored["action"]) == ("execute_script", action[:99] + "…")
    assert stored["description"].splitlines() == ["before", f"action: {action}", f"error_type: {'E' * 200}", "step type: levitate"]
    (artifact,) = client.list_artifacts(result["id"])
    assert b"".join(client.read_artifact(artifact["id"])).decode() == f"name: {name}\nfull_name: {'f' * 1500}"


def test_steps_that_are_too_much_json_are_cut_and_kept_as_files(run_cli, client, make_report):
    steps = [{"step_number": n, "step_type": "click", "stack_trace": f"{n}" * 900_000} for n in range(1, 10)] + [
        {"step_number": 10, "step_type": "wait", "stack_trace": "€" * 900_000}
    ]
    code, out, err = run_cli("upload", make_report(tests=0, more=[{"key": "k", "name": "long", "steps": steps}]))
    assert code == 0, err
    (result,) = client.list_results(test_run_id=run_of(out))
    report = client.get_steps(result["id"])["steps"]
    assert "the whole is in step-10-stack_trace.txt" in report[9]["stack_trace"]
    assert b"".join(client.read_artifact(report[9]["artifacts"][0]["id"])).decode() == "€" * 900_000


@pytest.mark.parametrize("name", ['say "no".png', "Page / shot.png", "سجل.png", "a" * 300 + ".png", "tab\there.png", "100%25.png", "😀.png"])
def test_a_file_is_known_again_by_its_name_when_it_is_there_already(run_cli, client, make_report, name):
    item = {"key": "k", "name": "names", "files": {"f.png": png()}, "attachments": [{"name": name, "path": "f.png"}]}
    path = make_report(tests=0, more=[item])
    key = f"run of {name}"
    code, out, _ = run_cli("upload", path, "--run", key)
    assert code == 0
    code, again, err = run_cli("upload", path, "--run", key)
    assert (code, again) == (0, out)
    assert "1 test there already" in err
    (result,) = client.list_results(test_run_id=run_of(out))
    assert len(list(client.list_artifacts(result["id"]))) == 1


def test_nothing_is_stored_twice_when_a_report_is_uploaded_again_into_its_run(run_cli, client, make_report):
    path = make_report(tests=2, screenshots=3)
    first = run_cli("upload", path, "--run", "build 7", "--png-level", "1")
    second = run_cli("upload", path, "--run", "build 7", "--no-png")
    assert first[:2] == second[:2]
    results = list(client.list_results(test_run_id=run_of(first[1])))
    assert len(results) == 2
    assert [len(list(client.list_artifacts(result["id"]))) for result in results] == [3, 3]


def test_another_test_of_the_same_key_is_refused_and_named(run_cli, make_report):
    assert run_cli("upload", make_report(tests=0, more=[{"key": "k", "name": "on chrome"}], name="a"), "--run", "shared")[0] == 0
    code, _, err = run_cli("upload", make_report(tests=0, more=[{"key": "k", "name": "on firefox"}], name="b"), "--run", "shared")
    assert code == 4
    assert "on firefox: another test with the same key is in this run already" in err


def test_two_reports_with_the_same_keys_lose_no_test(run_cli, client, make_report):
    code, out, _ = run_cli("upload", make_report(tests=2, name="a"), make_report(tests=2, name="b"))
    assert code == 0
    assert len(list(client.list_results(test_run_id=run_of(out)))) == 4


def test_a_run_of_shards_fails_when_one_of_them_failed(run_cli, client, make_report):
    out = run_cli("upload", make_report(tests=0, more=[{"key": "k", "name": "x", "status": "Failed"}], name="a"), "--run", "shards")[1]
    run_cli("upload", make_report(tests=1, name="b"), "--run", "shards")
    assert client.get_run(run_of(out))["status"] == "Failed"


def test_dry_run_counts_and_sends_nothing(run_cli, client, make_report, spool):
    before = next(iter(client.list_runs()), None)
    code, out, _ = run_cli("upload", make_report(tests=3, screenshots=2), "--dry-run", "--json")
    summary = json.loads(out)
    assert (code, summary["tests"], summary["steps"], summary["files"], summary["url"]) == (0, 3, 6, 6, None)
    assert next(iter(client.list_runs()), None) == before
    assert not spool.exists()


def test_quiet_says_the_url_and_nothing_else(run_cli, make_report):
    code, out, err = run_cli("upload", make_report(), "--quiet")
    assert (code, out.count("\n"), err) == (0, 1, "")


def test_quiet_says_what_is_not_stored(run_cli, make_report):
    report = make_report(tests=1, more=[{"key": "more", "name": "more", "attachments": [{"name": "gone.log", "path": "gone.log"}]}])
    code, _, err = run_cli("upload", report, "--quiet")
    assert code == 0
    assert err.splitlines()[0] == "1 skipped:"
    assert "gone.log" in err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "name the reports"),
        (("no-such-report",), "does not exist"),
        (("setup.py",), "no report in a known format"),
        (("setup.py", "--format", "nonsense"), "unknown format 'nonsense'; known formats"),
        (("setup.py", "--resume"), "--resume"),
        (("setup.py", "--url", "reports.example.com"), "must begin with http"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(run_cli, args, words):
    code, _, err = run_cli("upload", *args)
    assert code == 2
    assert words in err


def test_a_report_that_cannot_be_read_ends_with_2_and_leaves_no_spool(run_cli, tmp_path, spool):
    path = tmp_path / "x.made-up.json"
    path.write_text("no JSON")
    code, _, err = run_cli("upload", path)
    assert code == 2
    assert str(path) in err
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_report_that_breaks_off_does_not_end_as_if_it_were_whole(run_cli, tmp_path, options):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite><testcase classname="shop" name="test_a"/><testcase classname="shop" na')
    code, _, err = run_cli("upload", report, *options)
    assert code == 4, err
    assert "1 test, " in err
    assert f"the rest of {report}: " in err


def test_an_importer_that_fails_costs_the_rest_of_the_report_only(run_cli, client, make_report):
    code, out, err = run_cli("upload", make_report(tests=2, more=[{"key": "k", "nonsense": 1}]))
    assert code == 4
    assert "the rest of the report: the importer failed" in err
    assert len(list(client.list_results(test_run_id=run_of(out)))) == 2


def test_a_spool_that_cannot_be_written_ends_with_2(run_cli, make_report, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run_cli("upload", make_report(), "--spool", tmp_path / "file")
    assert code == 2
    assert "--spool names another folder" in err


def test_a_report_without_tests_makes_no_run(run_cli, client, make_report, spool):
    before = next(iter(client.list_runs()), None)
    code, out, err = run_cli("upload", make_report(tests=0))
    assert (code, out) == (0, "")
    assert "there are no tests in the report" in err
    assert next(iter(client.list_runs()), None) == before
    assert list(spool.iterdir()) == []
