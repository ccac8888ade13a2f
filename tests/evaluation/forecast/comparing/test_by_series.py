"""Series by series: own errors, changes with intervals over runs, and the drawn last windows."""

import numpy as np
import pytest

from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.cells import ForecastCell
from tsgen.evaluation.forecast.comparing.by_series import forecast_by_series
from tsgen.evaluation.forecast.comparing.table import study_table
from tsgen.evaluation.forecast.regime_windows import make_scene

LENGTH = 4


@pytest.fixture(scope="module")
def panel(make_dataset):
    return make_dataset(np.arange(25 * 40.0).reshape(25, 40))


def study_of(**changes):
    fields = {
        "data": "load", "prediction_length": LENGTH, "num_windows": 2, "seeds": (1, 2, 3),
        "forecasters": {"naive": {"estimator": "seasonal_naive"}},
        "arms": {"real": {}, "jitter": {"method": "jitter"}},
        "primary": {"forecaster": "naive", "arm": "jitter"},
    }  # fmt: skip
    return ForecastStudy(**fields | changes)


def cell(losses, items, medians=None):
    """A cell of these quantile losses, one a series; every series has labels of 2 in all."""
    ones = np.ones(len(losses))
    parts = {"quantile_loss": losses, "absolute_label": 2 * ones, "squared_error": ones,
             "count": ones, "scaled_error": ones, "scaled_count": ones}  # fmt: skip
    content = {"windows": "same", "items": list(items)}
    content["series"] = {name: list(map(float, part)) for name, part in parts.items()}
    return content if medians is None else content | {"medians": medians}


def cells_of(panel, losses, seeds=(1, 2, 3), arms=("real", "jitter")):
    cells = {}
    for arm in arms:
        for seed in seeds:
            made = [[float(100 * i + seed)] * LENGTH for i in range(len(panel))]
            cells[ForecastCell(0, seed, arm, "naive")] = cell(
                losses(arm, seed), panel.item_ids, made if seed == 1 else None
            )
    return cells


def both(study, panel, cells):
    return forecast_by_series(study, panel, cells, study_table(study, cells))


def test_a_change_is_of_the_series_own_error_with_an_interval_over_runs(panel):
    def losses(arm, seed):
        base = 2.0 + np.arange(25)
        return base if arm == "real" else base * (0.5 + 0.05 * np.arange(25)) + 0.1 * (seed - 2)

    facts, _ = both(study_of(), panel, cells_of(panel, losses))
    rows = facts["rows"]
    assert (facts["arm"], facts["reference"], facts["num_series"]) == ("jitter", "real", 25)
    order = [row["series"] for row in rows]
    assert order == [str(i) for i in (*range(10), *range(15, 25))]
    first = rows[0]
    assert first["change"] == pytest.approx(-0.5)
    assert (first["error"], first["reference_error"]) == pytest.approx((0.5, 1.0))  # over 2
    reach = 4.3027 * 0.05 / 3**0.5  # t of two degrees of freedom, deviation 0.1 / 2
    assert (first["low"], first["high"]) == pytest.approx((-0.5 - reach, -0.5 + reach), rel=1e-4)
    assert first["runs"] == 3


def test_what_is_drawn_is_the_last_window_of_the_first_seed(panel):
    facts, arrays = both(study_of(), panel, cells_of(panel, lambda *_: np.ones(25)))
    names = [int(row["series"]) for row in facts["rows"]]
    assert len(names) == 20
    whole = np.arange(25 * 40.0).reshape(25, 40)
    np.testing.assert_array_equal(arrays["by_series.real"], whole[names, -3 * LENGTH :])
    made = arrays["by_series.arm"]
    assert np.isnan(made[:, : 2 * LENGTH]).all()
    np.testing.assert_array_equal(made[:, 2 * LENGTH], 100 * np.array(names) + 1)


def test_each_series_is_drawn_from_a_draw_that_keeps_it(panel):
    study, cells = study_of(draws=(0, 1), seeds=(1,), regimes=({"series": 0.4},)), {}
    kept = []
    for draw in study.draws:
        windows = make_scene(panel, study, study.regimes[0], 1, draw=draw).windows(study)
        kept.append([str(windows.dataset.item_ids[i]) for i in np.unique(windows.rows)])
        for arm in ("real", "jitter"):
            made = [[float(100 * int(i) + draw)] * LENGTH for i in kept[-1]]
            cells[ForecastCell(0, 1, arm, "naive", draw)] = cell(
                np.ones(len(kept[-1])), kept[-1], made
            )
    facts, arrays = both(study, panel, cells)
    names = [row["series"] for row in facts["rows"]]
    second = np.array([name not in kept[0] for name in names])
    assert second.any()
    assert not second.all()
    expected = 100 * np.array(names, int) + second
    np.testing.assert_array_equal(arrays["by_series.arm"][:, -1], expected)
    assert np.isfinite(arrays["by_series.real"]).all()


def test_one_run_has_no_interval_and_series_without_scale_no_row(panel):
    cells = cells_of(panel, lambda arm, _: np.arange(25) * (1.0 if arm == "real" else 2.0), [1])
    facts, _ = both(study_of(seeds=(1,)), panel, cells)
    assert facts["num_series"] == 24  # of the first one, nothing is a part of 0
    assert {row["low"] for row in facts["rows"]} == {None}
    assert {row["change"] for row in facts["rows"]} == {1.0}


def test_without_a_comparison_the_best_forecast_series_come_first(panel):
    study = study_of(arms={"real": {}}, primary=None)
    cells = cells_of(panel, lambda *_: 30.0 - np.arange(25), arms=("real",))
    facts, _ = both(study, panel, cells)
    assert facts["arm"] == facts["reference"] == "real"
    assert [row["series"] for row in facts["rows"][:2]] == ["24", "23"]
    assert facts["rows"][0]["error"] == pytest.approx(3.0)


def test_cells_of_earlier_versions_have_no_rows(panel):
    cells = cells_of(panel, lambda *_: np.ones(25))
    for content in cells.values():
        del content["items"]
    assert both(study_of(), panel, cells) == ({}, {})
    assert both(study_of(), panel, {}) == ({}, {})
