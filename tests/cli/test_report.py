"""`tsgen report`: runs on one page."""

import json

import pytest

from command_line import Recorder, answer, fail, run
from study_results import audience_result, fidelity_result


def test_a_page_is_html_and_one_run_is_one(place, tmp_path):
    assert "give it the suffix .html" in fail("report", tmp_path, "-o", tmp_path / "page.pdf")


@pytest.fixture
def runs(tmp_path):
    """Two runs of one kind, and one of another."""
    audience_result().save(tmp_path / "a")
    audience_result("2024-04-01").save(tmp_path / "b")
    fidelity_result().save(tmp_path / "c")
    return tmp_path


def test_runs_become_one_page(runs, shop):
    out = runs / "report.html"
    found = answer("report", runs / "a", runs / "b", "-o", out, "--title", "Both <shops>")
    assert list(found["answers"]) == [str(runs / "a"), str(runs / "b")]
    page = out.read_text(encoding="utf-8")
    assert "Side by side: audience" in page
    assert "Both &lt;shops&gt;" in page
    assert "exists already" in fail("report", runs / "a", "-o", out)
    assert "is not a study result" in fail(
        "report", runs / "a", shop / "model", "-o", runs / "other.html"
    )
    assert "There is no file or folder" in fail("report", runs / "d.csv", "-o", runs / "other.html")
    assert not (runs / "other.html").exists()
    fail("report", "-o", out, code=2)


def test_runs_title_and_place_reach_the_page(runs, monkeypatch):
    monkeypatch.setattr("tsgen.report.write_page", page := Recorder())
    words = ["report", runs / "a", runs / "c", "-o", runs / "r.htm", "--title", "Ours", "--json"]
    done = run(*words)
    assert run("report", runs / "c", "-o", runs / "r.htm").stdout == f"{runs / 'r.htm'}: 1 run\n"
    results, output = page.calls[0][0]
    assert list(results) == [str(runs / "a"), str(runs / "c")]
    assert (output, page.calls[0][1]) == (runs / "r.htm", {"title": "Ours", "overwrite": False})
    assert list(json.loads(done.stdout)["answers"].values()) == [
        "Of the users listed, 20 % engaged.", "1 of 5 measures are <good>."]  # fmt: skip


def test_the_folder_of_a_study_file_becomes_a_page(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    text = "# mine\n\nWhich?\n\n**a is.**\n\n| arm | loss |\n| --- | --- |\n| a | 1 |\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "cells.csv").write_text("arm,seed,metric,value\na,1,loss,1\n", encoding="utf-8")
    found = answer("report", folder, "-o", tmp_path / "page.html")
    assert found["answers"] == {str(folder): "a is."}
    assert "<td>a</td>" in (tmp_path / "page.html").read_text(encoding="utf-8").replace(
        ' class=""', ""
    )


def test_data_become_a_page_of_their_own(place, shop, runs):
    out = runs / "data.html"
    found = answer("report", place / "load.csv", shop / "events.csv", "-o", out)
    series, events = found["answers"].values()
    assert series.startswith("3 series of 72 steps (freq h)")
    assert events.startswith("500 events of 30 users and 3 items")
    page = out.read_text(encoding="utf-8")
    assert "What is in these series?" in page
    assert "Histogram of events a user" in page
    words = "report", shop / "events.csv", "-o", runs / "renamed.html"
    assert "has no column 'who'" in fail(*words, "--read", "user_id=who")
    assert "--read has no effect on runs" in fail(
        "report", runs / "a", "-o", runs / "r.html", "--read", "freq=h"
    )
