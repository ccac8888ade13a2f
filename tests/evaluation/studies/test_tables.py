"""The tables of a study: medians over seeds, floors of the best cells, intervals of their own."""

import pandas as pd
import pytest

from tsgen.errors import OutputError
from tsgen.evaluation.studies import tables
from tsgen.evaluation.studies.cells import cell_path, write_cell

STUDY = {
    "question": "How near?",
    "protocol": "held-out",
    "part": "test",
    "data": "load",
    "target_length": 24,
    "seeds": [1, 2, 3],
    "metrics": ["fid"],
    "arms": {"ours": {}, "mixing": {}, "absent": {}},
}


def written(place, study=STUDY, cells=()):
    for arm, seed, facts in cells:
        write_cell(cell_path(place, study, arm, seed), arm, seed, facts)
    tables.write_tables(study, place)
    return (place / "README.md").read_text().splitlines()


def cell(value, draws=20, **facts):
    numbers = {"value": value, "spread": 0.0, "floor": 0.5 if draws == 20 else 9.0}
    numbers["floor_spread"] = 0.02
    return {"draws": draws, "measures": {"fid": numbers, "other": numbers}, **facts}


def row(lines, name):
    return next(line for line in lines if line.startswith(f"| {name} |"))


def test_an_arm_has_its_median_with_the_least_and_the_greatest(tmp_path):
    cells = [("ours", seed, cell(value, cpu_seconds=10.0 * seed, schedule=[seed, 2]))
             for seed, value in ((1, 4.0), (2, 1.0), (3, 2.0))]  # fmt: skip
    cells.append(("mixing", 1, cell(7.0)))
    lines = written(tmp_path, cells=cells)
    assert row(lines, "ours") == "| ours | 1, 2, 3 | 10-30 | 3-5 | 2 [1, 4] |"
    assert row(lines, "mixing") == "| mixing | 1 | - | - | 7 |"
    assert not [line for line in lines if "absent" in line]
    assert any(line.startswith("Protocol: held-out, test part. Data: load, windows of 24.") for
               line in lines)  # fmt: skip
    assert "How near?" in lines


def test_the_floor_is_of_the_cells_with_the_most_draws(tmp_path):
    lines = written(tmp_path, cells=[("ours", 1, cell(1.0, draws=3)), ("mixing", 1, cell(1.0))])
    assert row(lines, "real against real (floor)").endswith("| 0.5 ± 0.02 |")


def test_real_windows_without_their_rounding_are_a_row_where_cells_have_them(tmp_path):
    grained = cell(1.0)
    for numbers in grained["measures"].values():
        numbers |= {"unrounded": 0.7, "unrounded_spread": 0.1}
    lines = written(tmp_path, cells=[("ours", 1, grained), ("mixing", 1, cell(1.0))])
    assert row(lines, "real windows, rounding removed").endswith("| 0.7 ± 0.1 |")
    assert row(lines, "real against real (floor)").endswith("| 0.5 ± 0.02 |")


def test_a_spread_stands_beside_its_ceiling(tmp_path):
    spread = cell(0.5)
    spread["measures"]["fid"]["ceiling"] = 0.664
    lines = written(tmp_path, cells=[("ours", 1, spread), ("mixing", 1, cell(1.0))])
    assert row(lines, "ours").endswith("| 0.5 (at best 0.664) |")
    assert row(lines, "mixing").endswith("| 1 |")


def test_every_number_of_every_cell_stands_in_the_file(tmp_path):
    written(tmp_path, cells=[("ours", 1, cell(1.0)), ("mixing", 2, cell(3.0))])
    table = pd.read_csv(tmp_path / "cells.csv")
    assert table[["arm", "seed", "metric", "value"]].to_numpy().tolist() == [
        ["ours", 1, "fid", 1.0],
        ["ours", 1, "other", 1.0],
        ["mixing", 2, "fid", 3.0],
        ["mixing", 2, "other", 3.0],
    ]


def test_intervals_of_cells_are_shown_as_medians_of_their_ends(tmp_path):
    def interval(value, low, high):
        return {"cpu_seconds": 5.0, "measures": {"fid": {"value": value, "low": low, "high": high}}}

    study = STUDY | {"interval_over": "items", "reference": {"paper": {"fid": 0.7}}}
    cells = [("ours", 1, interval(1.0, 0.5, 2.0)), ("ours", 2, interval(3.0, 1.5, 6.0))]
    cells.append(("mixing", 1, interval(2.0, None, None)))
    lines = written(tmp_path, study, cells)
    assert row(lines, "ours") == "| ours | 1, 2 | 5-5 | 2 [1, 4] |"
    assert row(lines, "mixing") == "| mixing | 1 | 5-5 | 2 |"
    assert row(lines, "*authors' code: paper*") == "| *authors' code: paper* | 1 | | 0.7 |"
    assert any("95 % interval over items" in line for line in lines)


def test_a_study_of_audiences_has_a_page_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setitem(
        tables._PAGES, "audience", lambda study, cells, name: f"{name} {len(cells)}"
    )
    study = STUDY | {"protocol": "audience"}
    assert written(tmp_path / "place", study, [("ours", 1, cell(1.0))]) == ["place 1"]


def test_without_cells_nothing_is_written(tmp_path):
    tables.write_tables(STUDY, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_arm_without_a_measure_has_a_dash(tmp_path):
    cells = [("ours", 1, cell(1.0)), ("mixing", 1, {"measures": {"other": {"value": 2.0}}})]
    assert row(written(tmp_path, cells=cells), "mixing").endswith("| - |")


@pytest.mark.parametrize("protocol", ["held-out", "activity"])
def test_measures_are_all_shown_where_a_study_names_none(tmp_path, protocol):
    study = {key: value for key, value in STUDY.items() if key != "metrics"}
    lines = written(tmp_path, study | {"protocol": protocol}, [("ours", 1, cell(1.0))])
    assert "| arm | seeds | CPU s | steps | fid | other |" in lines


def test_tables_survive_a_disk_that_fills_up(tmp_path, monkeypatch):
    before = written(tmp_path, cells=[("ours", 1, cell(1.0))])
    numbers = (tmp_path / "cells.csv").read_text()
    write_cell(cell_path(tmp_path, STUDY, "ours", 2), "ours", 2, cell(5.0))

    def half(path, text, **options):
        path.write_bytes(text[: len(text) // 2].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", half)
    with pytest.raises(OutputError, match="No space left on device"):
        tables.write_tables(STUDY, tmp_path)
    assert (tmp_path / "cells.csv").read_text() == numbers
    assert (tmp_path / "README.md").read_text().splitlines() == before
