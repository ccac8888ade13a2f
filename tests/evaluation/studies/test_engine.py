"""A study file: what is refused before the first cell, and that no cell is computed twice."""

import json
import threading

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import CellsFailedError, DataError, SettingsError, TrainingInterruptedError
from tsgen.evaluation.studies import compute_cell, engine, read_study, run_study

STUDY = """
question = "Who comes back?"
protocol = "audience"
part = "test"
data = "shop"
origins = 1
against = ["popularity"]
judged = ["decayed"]
seeds = [1, 2]

[arms]
decayed = { row = "decayed-pairs", scale = 1.0 }
popularity = { row = "popularity" }
"""


@pytest.fixture
def place(tmp_path):
    """Ten users who each buy one item of their own every day, and one item of all now and then."""
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    rows = [
        {"user_id": f"u{u}", "item_id": f"own{u}", "timestamp": int(day.timestamp()) + u}
        for day in days
        for u in range(10)
    ]
    rows += [
        {"user_id": f"u{k % 10}", "item_id": "all", "timestamp": int(day.timestamp()) + 50}
        for k, day in enumerate(days)
    ]
    data = tmp_path / "data" / "events"
    data.mkdir(parents=True)
    pd.DataFrame(rows).assign(value=1.0).to_parquet(data / "shop.parquet")
    (tmp_path / "shop.toml").write_text(STUDY)
    return tmp_path


def cells_of(place):
    return sorted(path.name for path in (place / "shop").glob("*.json"))


def test_a_cell_is_the_precision_of_the_lists(place):
    compute_cell(place / "shop.toml", place / "data", "decayed", 1)
    (path,) = (place / "shop").glob("decayed-1-*.json")
    cell = json.loads(path.read_text())
    # One user in ten is listed for each item: whoever buys it daily. The item of all is right, too,
    # for it comes to every user within the twelve days of the test part.
    assert cell["measures"]["user_rec"]["value"] == pytest.approx(1.0)
    assert cell["windows"][0]["facts"]["users"] == 10
    assert cell["measures"]["user_rec_new"]["value"] == 0


def test_each_cell_is_computed_once_and_the_tables_hold_every_arm(place):
    said = []
    compute_cell(place / "shop.toml", place / "data", "decayed", 1)
    before = {name: (place / "shop" / name).stat().st_mtime_ns for name in cells_of(place)}
    run = {"jobs": 2, "seeds": [1], "say": said.append}
    cells = run_study(place / "shop.toml", place / "data", **run)
    assert [(cell["arm"], cell["seed"]) for cell in cells] == [("decayed", 1), ("popularity", 1)]
    assert all((place / "shop" / n).stat().st_mtime_ns == t for n, t in before.items())
    assert said == ["2 cells, 1 to compute", "popularity seed 1 ...", "popularity seed 1 ended"]
    table = pd.read_csv(place / "shop" / "cells.csv")
    assert set(table["arm"]) == {"decayed", "popularity"}
    page = (place / "shop" / "README.md").read_text()
    assert "Who comes back?" in page
    assert "| decayed | 1.0000 [" in page


def test_another_engine_begins_the_cells_there(place, monkeypatch):
    begun = []

    class OnRay:
        def __init__(self, words, env):
            begun.append(words[-2:])

        def wait(self):
            compute_cell(place / "shop.toml", place / "data", "popularity", 1)
            return 0

    monkeypatch.setitem(engine._ENGINES, "ray", OnRay)
    run = {"engine": "ray", "seeds": [1], "arms": ["popularity"]}
    assert len(run_study(place / "shop.toml", place / "data", **run)) == 1
    assert begun == [["--cell", "popularity:1"]]
    with pytest.raises(SettingsError, match=r"engine='slurm' is not possible.*local or ray"):
        run_study(place / "shop.toml", place / "data", engine="slurm")


def test_a_changed_arm_is_another_cell(place):
    compute_cell(place / "shop.toml", place / "data", "popularity", 1)
    text = STUDY.replace('{ row = "popularity" }', '{ row = "popularity", users = 1.0 }')
    (place / "shop.toml").write_text(text)
    compute_cell(place / "shop.toml", place / "data", "popularity", 1)
    assert len(cells_of(place)) == 2
    reworded = text.replace("Who comes back?", "Who returns?")
    (place / "shop.toml").write_text(reworded)
    compute_cell(place / "shop.toml", place / "data", "popularity", 1)
    assert len(cells_of(place)) == 2


def test_a_failed_cell_leaves_the_others(place):
    text = STUDY + 'broken = { row = "neighbours", num = 1099511627776 }\n'
    (place / "shop.toml").write_text(text)
    compute_cell(place / "shop.toml", place / "data", "popularity", 1)
    with pytest.raises(CellsFailedError, match=r"1 of 1 cells failed \(the first: broken seed 1"):
        run_study(place / "shop.toml", place / "data", arms=["popularity", "broken"], seeds=[1])
    asked, said = {"arms": ["broken"], "seeds": [1], "allow_failures": True}, []
    finished = run_study(place / "shop.toml", place / "data", say=said.append, **asked)
    assert [cell["arm"] for cell in finished] == ["popularity"]
    assert said[-1].startswith("1 of 1 cells failed (the first: broken seed 1")
    assert [name.split("-")[0] for name in cells_of(place)] == ["popularity"]


def test_data_that_are_not_there_are_told_before_the_first_cell(place):
    said = []
    (place / "shop.toml").write_text(STUDY.replace('data = "shop"', 'data = "shpo"'))
    with pytest.raises(DataError, match="about 'shpo', but there is no shpo"):
        run_study(place / "shop.toml", place / "data", say=said.append)
    assert said == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('protocol = "audience"', 'protocol = "audiense"', "Did you mean 'audience'"),
        ("seeds = [1, 2]", "seeds = []", r"seeds=\[\] is not possible"),
        ('data = "shop"\n', "", "lacks data"),
        ("popularity = {", '"../../x" = {', "names files"),
        ("popularity = {", '"-x" = {', "names files"),
        ('protocol = "audience"', 'protocol = ["audience"]', "give a text"),
        ('data = "shop"', "data = 7", "give a text"),
        ("seeds = [1, 2]", "seeds = [true]", r"seeds=\[True\] is not possible: give a number"),
        ('{ row = "popularity" }', "{ settings = { horizn = 1 } }", "'popularity': .*'horizon'"),
        ("[arms]", "[arms", "could not be read as a study"),
        ("seeds = [1, 2]", 'seeds = ["1"]', r"shop\.toml: seeds\.0='1' is not possible"),
        ("origins = 1", 'origins = "1"', r"shop\.toml: origins='1' is not possible"),
        ('part = "test"', 'part = "tests"', "part='tests' is not possible"),
        ('part = "test"\n', "", r"shop\.toml: AudienceStudy needs the setting 'part'"),
        ("origins = 1", "origin = 1", "no setting 'origin'. Did you mean 'origins'"),
        ("scale =", "scales =", r"arm 'decayed': AudienceArm has no setting 'scales'.*'scale'"),
        ('row = "popularity"', 'row = "popular"', "arm 'popularity': row='popular' is not"),
    ],
)
def test_what_is_impossible_is_refused_before_the_first_cell(place, old, new, message):
    (place / "shop.toml").write_text(STUDY.replace(old, new))
    with pytest.raises((DataError, SettingsError), match=message):
        run_study(place / "shop.toml", place / "data")
    assert not (place / "shop").exists()


def test_unknown_arms_seeds_and_data_are_told(place):
    with pytest.raises(SettingsError, match="no arm 'decay'"):
        run_study(place / "shop.toml", place / "data", arms=["decay"])
    with pytest.raises(SettingsError, match="no seed 9"):
        run_study(place / "shop.toml", place / "data", seeds=[9])
    with pytest.raises(DataError, match=r"no shop\.parquet in"):
        compute_cell(place / "shop.toml", place / "nowhere", "decayed", 1)
    assert read_study(place / "shop.toml")["seeds"] == [1, 2]


def test_gaps_filled_by_a_line_are_exact_on_a_line(tmp_path):
    """CRPS of a single fill is its absolute error, in deviations of the training part."""
    hours = pd.date_range("2024-01-01", periods=400, freq="h")
    parts = [
        pd.DataFrame({"item_id": name, "timestamp": hours, "target": slope * np.arange(400.0)})
        for name, slope in (("a", 3.0), ("b", -1.0))
    ]
    table = pd.concat(parts)
    table.to_parquet(tmp_path / "line.parquet")
    (tmp_path / "gaps.toml").write_text(
        'question = "?"\nprotocol = "gap-filling"\npart = "test"\ndata = "line"\n'
        'target_length = 24\ngaps = [5]\nnum_series = 2\nseeds = [1]\nmetrics = ["gap 5"]\n'
        '[arms]\nlinear = { baseline = "linear" }\nseasonal = { baseline = "seasonal" }\n'
    )
    for arm in ("linear", "seasonal"):
        compute_cell(tmp_path / "gaps.toml", tmp_path, arm, 1)
    found = {
        path.name.split("-")[0]: json.loads(path.read_text())["measures"]["gap 5"]["value"]
        for path in (tmp_path / "gaps").glob("*.json")
    }
    assert found["linear"] == pytest.approx(0, abs=1e-6)


def test_an_interruption_ends_the_cells_that_run_and_begins_no_other(place, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    class Process:
        def __init__(self, words, env):
            assert words[-1] == "decayed:2"
            begun.set()

        def wait(self):
            return -15 if ended.wait(60) else 0

        def terminate(self):
            ended.set()

    def say(line):
        if line == "decayed seed 1 ...":
            begun.wait(60)
            raise KeyboardInterrupt
        if line == "popularity seed 2 ...":
            ended.wait(60)

    compute_cell(place / "shop.toml", place / "data", "popularity", 1)
    monkeypatch.setitem(engine._ENGINES, "local", Process)
    with pytest.raises(TrainingInterruptedError, match=r"^1 finished cells are kept in .*shop;"):
        run_study(place / "shop.toml", place / "data", jobs=2, say=say)
    assert ended.is_set()
