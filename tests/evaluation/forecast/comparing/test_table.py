"""The table of a forecasting study: which arm is held against which, on which seeds."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.cells import ForecastCell
from tsgen.evaluation.forecast.comparing.table import forecast_answer, forecast_arrays, study_table
from tsgen.evaluation.forecast.scores import METRICS

LOSS = "mean_weighted_quantile_loss"


def study_of(**changes):
    fields = {
        "data": "load", "prediction_length": 6, "num_windows": 2, "seeds": (1, 2, 3),
        "forecasters": {"naive": {"estimator": "seasonal_naive"}, "npts": {"estimator": "npts"}},
        "arms": {"real": {}, "jitter": {"method": "jitter"}, "scaling": {"method": "scaling"}},
    }  # fmt: skip
    return ForecastStudy(**fields | changes)


def content(loss, windows="same", num_series=4):
    """A finished cell in which every series has this loss."""
    parts = {"quantile_loss": loss, "absolute_label": 1.0, "squared_error": loss**2, "count": 1.0,
             "scaled_error": loss, "scaled_count": 1.0}  # fmt: skip
    return {"windows": windows, "series": {k: [v] * num_series for k, v in parts.items()}}


def cells_of(study, loss, **changes):
    """Every cell of a study, its loss by (forecaster, arm, seed)."""
    return {
        ForecastCell(regime, seed, arm, forecaster): content(loss(forecaster, arm, seed), **changes)
        for regime in range(len(study.regimes)) for seed in study.seeds for arm in study.arms
        for forecaster in study.forecasters
    }  # fmt: skip


def losses(forecaster, arm, seed):
    return {"real": 5.0, "jitter": 4.0, "scaling": 6.0}[arm] + (forecaster == "npts") + 0.1 * seed


def rows(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    return table


def test_every_arm_is_held_against_real_data_of_its_forecaster():
    study = study_of(regimes=({}, {"series": 0.5}))
    table = study_table(study, cells_of(study, losses))
    assert len(table) == 2 * 2 * 3 * len(METRICS)
    assert set(table["reference"]) == {"real"}
    for forecaster, more in (("naive", 0.0), ("npts", 1.0)):
        for arm, difference in (("real", 0.0), ("jitter", -1.0), ("scaling", 1.0)):
            row = rows(
                table, forecaster=forecaster, arm=arm, metric=LOSS, regime="all series"
            ).iloc[0]
            assert row["value"] == pytest.approx(5.2 + more + difference)
            assert row["floor"] == pytest.approx(5.2 + more)
            assert row["difference"] == pytest.approx(difference)
            assert row["spread"] == pytest.approx(0.1)
            assert row["floor_spread"] == pytest.approx(0.1)
            assert (row["num_seeds"], row["n"], row["better"]) == (3, 8, "lower")
            assert (row["protocol"], row["seed"], row["data"]) == (
                "forecast: augment, test part", "1, 2, 3", "load",
            )  # fmt: skip
    assert set(table["role"]) == {"exploratory"}


def test_only_seeds_that_both_have_finished_are_compared():
    study = study_of()
    cells = cells_of(study, losses)
    del cells[ForecastCell(0, 1, "jitter", "naive")]
    cells[ForecastCell(0, 2, "real", "naive")] = {"failed": "no"}
    row = rows(study_table(study, cells), forecaster="naive", arm="jitter", metric=LOSS).iloc[0]
    assert row["num_seeds"] == 1
    assert row["value"] == pytest.approx(4.3)
    assert row["floor"] == pytest.approx(5.3)
    assert np.isnan(row["spread"])
    del cells[ForecastCell(0, 3, "jitter", "naive")]
    row = rows(study_table(study, cells), forecaster="naive", arm="jitter", metric=LOSS).iloc[0]
    assert (row["num_seeds"], row["n"]) == (0, 0)
    assert np.isnan(row["value"])


def test_cells_that_were_asked_other_questions_are_not_compared():
    study = study_of()
    cells = cells_of(study, losses)
    cells[ForecastCell(0, 2, "jitter", "naive")] |= {"windows": "other"}
    with pytest.raises(DataError, match="Seed 2: the arms jitter and real were not tested on the"):
        study_table(study, cells)


def test_the_primary_arm_stands_first_against_every_other_arm():
    study = study_of(primary={"forecaster": "npts", "arm": "jitter", "metric": "mase"})
    table = study_table(study, cells_of(study, losses))
    primary = rows(table, role="primary")
    assert primary.index.tolist() == [0, 1]
    assert primary["reference"].tolist() == ["real", "scaling"]
    assert set(zip(primary["metric"], primary["arm"], primary["forecaster"], strict=True)) == {
        ("mase", "jitter", "npts")
    }
    assert primary["difference"].tolist() == pytest.approx([-1.0, -2.0])
    answer = forecast_answer(table, study)
    assert answer.startswith("jitter (npts, all series, mase, test part, 3 seeds) is shown better")
    assert "than 2 of 2 other arms and worse than 0: against real -16.1 % [-16.1, -16.1]" in answer


def test_an_answer_counts_who_is_shown_better_and_who_worse():
    study = study_of(primary={"forecaster": "naive", "arm": "jitter"})

    def noisy(forecaster, arm, seed):  # against scaling, seeds disagree
        return {"real": 3.0, "jitter": 4.0, "scaling": (2.0, 5.0, 4.5)[seed - 1]}[arm]

    answer = forecast_answer(study_table(study, cells_of(study, noisy)), study)
    assert "better than 0 of 2 other arms and worse than 1: against real +33.3 %" in answer


def test_one_seed_has_no_interval_and_none_nothing_to_say():
    study = study_of(seeds=(1,), primary={"forecaster": "naive", "arm": "jitter"})
    cells = cells_of(study, losses)
    answer = forecast_answer(study_table(study, cells), study)
    assert "better than 0 of 2" in answer
    assert "against real -19.6 % (one seed: no interval)" in answer
    del cells[ForecastCell(0, 1, "jitter", "naive")]
    answer = forecast_answer(study_table(study, cells), study)
    assert "against real nothing to compare" in answer


def test_without_a_primary_endpoint_the_largest_gain_is_named_as_exploratory():
    study = study_of()
    answer = forecast_answer(study_table(study, cells_of(study, losses)), study)
    assert answer.startswith("2 of 4 comparisons by mean weighted quantile loss show a gain; the ")
    assert "the largest is jitter (naive, all series) against real: -19.2 %" in answer
    assert answer.endswith("as the one that counts (no primary endpoint).")
    empty = forecast_answer(study_table(study, {}), study)
    assert empty == "There are no two arms with a finished seed in common, so nothing is compared."


def test_where_nothing_gains_no_gain_is_named():
    study = study_of(arms={"real": {}, "jitter": {"method": "jitter"}})
    for change in (0.0, 1.0):

        def worse(forecaster, arm, seed, change=change):
            return 5.0 + change * (arm == "jitter") + 0.1 * seed

        answer = forecast_answer(study_table(study, cells_of(study, worse)), study)
        assert answer.startswith("None of 2 comparisons by mean weighted quantile loss is a gain; ")
        assert "; the nearest to one is jitter (naive, all series)" in answer
        assert "largest" not in answer


def test_a_gain_that_seeds_do_not_agree_on_is_not_certain():
    def unsure(forecaster, arm, seed):
        return 5.0 - (arm == "jitter") * (0.1 if seed == 1 else -0.05)

    study = study_of(arms={"real": {}, "jitter": {"method": "jitter"}}, seeds=(1, 2))
    answer = forecast_answer(study_table(study, cells_of(study, unsure)), study)
    assert answer.startswith("No gain is certain in 2 comparisons by mean weighted quantile loss; ")
    assert "the largest seen is jitter" in answer


def test_real_data_that_are_trained_on_to_the_end_are_the_reference():
    arms = {"early": {"early_stopping": 3}, "plain": {}, "jitter": {"method": "jitter"}}
    study = study_of(arms=arms)
    table = study_table(study, cells_of(study, lambda *_: 1.0))
    assert set(table["reference"]) == {"plain"}
    arms = {"jitter": {"method": "jitter"}, "early": {"early_stopping": 3}}
    assert set(study_table(study_of(arms=arms), {})["reference"]) == {"early"}
    arms = {"jitter": {"method": "jitter"}, "scaling": {"method": "scaling"}}
    assert set(study_table(study_of(arms=arms), {})["reference"]) == {"jitter"}


def test_samples_that_are_the_forecast_are_held_against_the_first_forecaster():
    study = study_of(task="direct", arms={"real": {}, "made": {"method": "doubling"}})
    cells = {}
    for seed in study.seeds:
        cells[ForecastCell(0, seed, "made", "samples")] = content(2.0)
        for forecaster, loss in (("naive", 3.0), ("npts", 9.0)):
            cells[ForecastCell(0, seed, "real", forecaster)] = content(loss)
    row = rows(study_table(study, cells), forecaster="samples", metric=LOSS).iloc[0]
    assert (row["arm"], row["reference"], row["floor"]) == ("made", "real", 3.0)


def test_pictures_are_of_the_first_seed_and_the_primary_regime():
    study = study_of(regimes=({}, {"series": 0.5}),
                     primary={"forecaster": "naive", "arm": "jitter", "regime": 1})  # fmt: skip
    cells = {}
    for regime in (0, 1):
        for seed in (1, 2):
            pictures = {
                "items": ["a", "b"], "past": [[1.0, None, 3.0], [4.0]], "truth": [[5.0], [None]],
                "bands": [[[float(10 * regime + seed)]] * 3] * 2,
            }  # fmt: skip
            cells[ForecastCell(regime, seed, "jitter", "naive")] = {"pictures": pictures}
    cells[ForecastCell(1, 1, "real", "npts")] = {"failed": "no"}
    arrays = forecast_arrays(study, cells)
    assert set(arrays) == {"items", "past", "truth", "bands.naive.jitter"}
    np.testing.assert_array_equal(arrays["past"], [[1.0, np.nan, 3.0], [np.nan, np.nan, 4.0]])
    np.testing.assert_array_equal(arrays["truth"], [[5.0], [np.nan]])
    np.testing.assert_array_equal(arrays["bands.naive.jitter"], np.full((2, 3, 1), 11.0))
    first = forecast_arrays(
        study_of(), {ForecastCell(0, 1, "jitter", "naive"): {"pictures": pictures}}
    )
    assert "bands.naive.jitter" in first
