"""Variance components of simulated noise, and the runs that a wished interval takes."""

import json
import math

import numpy as np
import pytest
from scipy.stats import t as student

from tsgen.errors import SettingsError
from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.cells import ForecastCell
from tsgen.evaluation.forecast.comparing.power import (
    VarianceComponents,
    check_half_width,
    power_rows,
    replication,
)

NAN = float("nan")


def simulated(draw, shape, series, generator, seed, rest):
    num_draws, num_generators, num_seeds = shape
    return (
        series * draw.normal(size=(num_draws, 1, 1))
        + generator * draw.normal(size=(num_draws, num_generators, 1))
        + seed * draw.normal(size=(num_draws, 1, num_seeds))
        + rest * draw.normal(size=shape)
        - 0.03
    )


def spreads(found):
    return [math.sqrt(v) for v in (found.series, found.generator, found.seed, found.rest)]


@pytest.mark.parametrize(
    "truth", [(0.06, 0.03, 0.02, 0.01), (0.0, 0.05, 0.0, 0.02), (0.04, 0.0, 0.05, 0.01)]
)
def test_simulated_components_come_back(truth):
    logs = simulated(np.random.default_rng(1), (3000, 3, 4), *truth)
    assert spreads(VarianceComponents.of(logs)) == pytest.approx(truth, abs=0.004)


def test_estimates_of_few_runs_are_right_on_the_mean():
    draw, truth = np.random.default_rng(2), (0.06, 0.03, 0.05, 0.04)
    many = [VarianceComponents.of(simulated(draw, (6, 2, 3), *truth)) for _ in range(3000)]
    for name, value in zip(("series", "generator", "seed", "rest"), truth, strict=True):
        mean = np.mean([getattr(found, name) for found in many])
        assert mean == pytest.approx(value**2, rel=0.12)  # those cut off at 0 lift it a little


def test_what_the_runs_cannot_tell_apart_is_not_measured():
    logs = simulated(np.random.default_rng(3), (4000, 1, 4), 0.05, 0.03, 0.02, 0.01)
    found = VarianceComponents.of(logs)
    assert math.isnan(found.generator)
    assert math.sqrt(found.seed) == pytest.approx(math.hypot(0.02, 0.01), abs=0.002)
    assert math.sqrt(found.series) == pytest.approx(math.hypot(0.05, 0.03), abs=0.003)
    assert math.isnan(VarianceComponents.of(logs[:1]).series)
    assert math.isnan(VarianceComponents.of(logs[:, :, :1]).seed)


def test_the_variance_of_a_mean_is_what_it_is_in_simulation():
    truth = VarianceComponents(0.04**2, 0.03**2, 0.05**2, 0.02**2)
    draw = np.random.default_rng(4)
    means = [simulated(draw, (3, 2, 4), 0.04, 0.03, 0.05, 0.02).mean() for _ in range(20_000)]
    assert truth.variance(3, 2, 4) == pytest.approx(np.var(means), rel=0.04)


def test_the_cheapest_runs_that_give_the_wished_interval():
    noise = VarianceComponents(series=0.0004, generator=0.0, seed=0.01, rest=0.0)
    best = replication(noise, 0.02, generator_seconds=100.0, forecaster_seconds=1.0)
    assert best.generators == 1  # generators make no noise and cost most
    assert best.half_width <= 0.02
    reach = student.ppf(0.975, best.draws - 1) * math.sqrt(
        noise.variance(best.draws, best.generators, best.seeds) / 1
    )
    assert best.half_width == pytest.approx(reach)
    assert best.cpu_seconds == best.draws * (100 + 2 * best.seeds)
    for draws in range(2, 60):  # an exhaustive look finds nothing cheaper
        for seeds in range(1, 31):
            width = student.ppf(0.975, draws - 1) * math.sqrt(noise.variance(draws, 1, seeds))
            if width <= 0.02:
                assert draws * (100 + 2 * seeds) >= best.cpu_seconds - 1e-9
    assert replication(VarianceComponents(1.0, 0.0, 0.0, 0.0), 0.001) is None
    alone = replication(VarianceComponents(0.0004, NAN, NAN, 0.0), 0.02)
    assert (alone.generators, alone.seeds) == (1, 1)


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.02, 2.0])
def test_an_impossible_width_is_refused(bad):
    with pytest.raises(SettingsError, match="as a share between 0 and 1"):
        check_half_width(bad)


def content(loss):
    others = ("squared_error", "count", "scaled_error", "scaled_count")
    parts = {name: [1.0, 1.0] for name in others}
    losses = {"quantile_loss": [loss, loss], "absolute_label": [1.0, 1.0]}
    return {"series": parts | losses, "cpu_seconds": 12.0, "synthesizer_seconds": 10.0}


STUDY = ForecastStudy(
    data="load", prediction_length=6, seeds=(1, 2, 3), draws=(1, 2), generator_seeds=(7, 8),
    regimes=({"series": 0.5},), forecasters={"naive": {"estimator": "seasonal_naive"}},
    arms={"real": {}, "jitter": {"method": "jitter"}},
)  # fmt: skip


def cells(gone=()):
    draw = np.random.default_rng(5)
    logs = simulated(draw, (2, 2, 3), 0.05, 0.02, 0.01, 0.01)
    made = {}
    for d, dd in enumerate((1, 2)):
        for s, seed in enumerate((1, 2, 3)):
            made[ForecastCell(0, seed, "real", "naive", dd)] = content(2.0)
            for g, generator in enumerate((7, 8)):
                cell = ForecastCell(0, seed, "jitter", "naive", dd, generator)
                made[cell] = content(2 * math.exp(logs[d, g, s]))
    return {c: v for c, v in made.items() if c not in gone}, logs


def test_rows_are_of_the_runs_of_a_study():
    finished, logs = cells()
    (row,) = power_rows(STUDY, finished, 0.02)
    assert (row["arm"], row["forecaster"], row["runs"]) == ("jitter", "naive", 12)
    assert row["change"] == pytest.approx(math.expm1(logs.mean()))
    found = VarianceComponents.of(logs)
    assert [row[n] ** 2 for n in ("series", "generator", "seed", "rest")] == pytest.approx(
        [found.series, found.generator, found.seed, found.rest]
    )
    assert row["needs"]["half_width"] <= 0.02
    assert "An interval of ± 2 % takes" in row["says"]


def test_runs_that_failed_are_left_out_and_counted():
    finished, logs = cells(gone=[ForecastCell(0, 2, "jitter", "naive", 1, 8)])
    (row,) = power_rows(STUDY, finished, 0.02)
    assert (row["runs"], row["runs_left_out"]) == (8, 4)  # seed 2 is left out of all
    assert row["change"] == pytest.approx(math.expm1(logs[:, :, [0, 2]].mean()))
    (none,) = power_rows(STUDY, {}, 0.02)
    assert none["says"] == "Two runs at least are needed."


def test_one_draw_does_not_tell_of_the_series():
    study = STUDY.model_copy(update={"draws": (1,), "generator_seeds": (7,)})
    (row,) = power_rows(study, cells()[0], 0.02)
    assert "series not measured, generator not measured" in row["says"]
    alone = STUDY.model_copy(update={"arms": {"jitter": STUDY.arms["jitter"]}})
    with pytest.raises(SettingsError, match="add an arm of them"):
        power_rows(alone, {}, 0.02)


def test_what_a_study_cannot_tell_is_none_and_can_be_written():
    study = STUDY.model_copy(update={"draws": (1,), "generator_seeds": None})
    finished = {
        ForecastCell(0, seed, arm, "naive", 1): content(2.0 + (arm == "jitter") * seed)
        for seed in (1, 2, 3)
        for arm in ("real", "jitter")
    }
    (row,) = power_rows(study, finished, 0.02)
    assert (row["series"], row["generator"]) == (None, None)
    assert "series not measured" in row["says"]
    json.dumps(row, allow_nan=False)
