"""Pairs of arms: which runs both have finished, whatever makes their series."""

import pytest

from tsgen.errors import DataError
from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.cells import ForecastCell
from tsgen.evaluation.forecast.comparing.pairing import ArmPlace, arm_comparisons, paired_runs

REAL, MADE = ArmPlace(0, "naive", "real"), ArmPlace(0, "naive", "jitter")


def study_of(**changes):
    fields = {
        "data": "load", "prediction_length": 6, "seeds": (1, 2), "draws": (0, 1),
        "regimes": ({"series": 0.5},),
        "generator_seeds": (5, 6), "forecasters": {"naive": {"estimator": "seasonal_naive"}},
        "arms": {"real": {}, "jitter": {"method": "jitter"}},
    }  # fmt: skip
    return ForecastStudy(**fields | changes)


def content(name, windows="same"):
    return {"windows": windows, "series": {}, "name": name}


def test_the_cell_of_real_series_is_paired_with_every_generator():
    cells = {}
    for draw in (0, 1):
        for seed in (1, 2):
            cells[ForecastCell(0, seed, "real", "naive", draw)] = content(f"real {draw} {seed}")
            for generator in (5, 6):
                place = ForecastCell(0, seed, "jitter", "naive", draw, generator)
                cells[place] = content(f"jitter {draw} {generator} {seed}")
    runs = paired_runs(study_of(), cells, MADE, REAL)
    assert len(runs) == 8
    assert {run.draw for run in runs} == {0, 1}
    for run in runs:
        _, draw, _, seed = run.mine["name"].split()
        assert run.other["name"] == f"real {draw} {seed}"


def test_failed_and_absent_cells_are_no_pairs():
    study = study_of(draws=(0,), generator_seeds=None)
    cells = {
        ForecastCell(0, 1, "real", "naive"): content("real"),
        ForecastCell(0, 1, "jitter", "naive"): {"failed": "no"},
        ForecastCell(0, 2, "jitter", "naive"): content("jitter"),
    }
    assert paired_runs(study, cells, MADE, REAL) == []
    cells[ForecastCell(0, 2, "real", "naive")] = content("real", "others")
    with pytest.raises(DataError, match="Seed 2: the arms jitter and real"):
        paired_runs(study, cells, MADE, REAL)


def test_every_arm_is_held_against_real_series():
    pairs = list(arm_comparisons(study_of()))
    assert pairs == [(REAL, REAL), (MADE, REAL)]
