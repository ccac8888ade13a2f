"""Who uses other series: simulated couplings as the oracle, a forecaster that cannot mix as 0."""

import numpy as np
import pandas as pd
import pytest

from coupled_series import Ridge, coupled, panel_of
from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import interaction_study

QUICK = {"windows": 150, "absences": 2, "draws": 100, "metric": "squared_error", "seed": 1}


def share(result, player="other series", **where):
    rows = result.table[(result.table["metric"] == "share") & (result.table["player"] == player)]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]


@pytest.fixture(scope="module")
def studies():
    """By coupling, of the follower: none, weak, strong."""
    return {c: interaction_study(Ridge(), coupled(c), targets=["follower"], **QUICK)
            for c in (0.0, 0.5, 1.5)}  # fmt: skip


def test_shares_of_the_others_are_in_the_order_of_the_coupling(studies):
    none, weak, strong = (share(studies[c]) for c in (0.0, 0.5, 1.5))
    assert abs(none["value"]) < 2 * none["spread"] + 0.01
    assert none["high"] < weak["value"] < strong["value"]
    assert weak["low"] > 0.05


def test_a_random_series_brings_nothing(studies):
    for study in studies.values():
        control = share(study, "random series")
        assert abs(control["value"]) < 2 * control["spread"] + 0.01
        calendar = share(study, "calendar")
        assert calendar["value"] == 0  # this forecaster reads no clock


def test_shares_add_up_to_all_of_the_gain(studies):
    for study in studies.values():
        rows = study.table[study.table["metric"] == "share"]
        assert rows["value"].sum() == pytest.approx(1, abs=1e-9)


def test_the_model_trained_alone_is_the_second_evidence(studies):
    alone = {c: s.value("trained without the others") for c, s in studies.items()}
    assert alone[1.5] > 0.3
    assert abs(alone[0.0]) < 0.03
    assert "walks alone" in studies[0.0].answer
    assert "'follower' uses the other series" in studies[1.5].answer
    assert "trained without them its error changes by +" in studies[1.5].answer


def test_a_forecaster_that_cannot_mix_channels_has_a_share_of_zero():
    found = interaction_study(Ridge(), coupled(1.5), targets=["follower"], joint=False, **QUICK)
    for player in ("other series", "random series"):
        row = share(found, player)
        assert (row["value"], row["low"], row["high"]) == (0, 0, 0)
    assert share(found, "own past")["value"] == pytest.approx(1)


def test_shares_without_skill_are_withheld():
    walk = panel_of(np.random.default_rng(3).normal(size=(2, 700)).cumsum(axis=1))
    found = interaction_study(Ridge(), walk, targets=["c0"], **QUICK)
    assert found.value("skill") < 0.05
    assert np.isnan(share(found)["value"])
    assert share(found)["note"] == "withheld"
    assert "withheld, as the forecaster is" in found.answer
    assert "the last value repeated" in found.answer


def test_generated_windows_whose_channels_walk_alone_are_seen():
    real = coupled(1.5)
    random = np.random.default_rng(0)
    starts = random.integers(0, 600, 40)
    values = real.values
    apart = []
    for place, begin in enumerate(starts):  # each channel from another time: no coupling is left
        other = int(random.integers(0, 600))
        window = np.stack([values[0, begin : begin + 60], values[1, other : other + 60]])
        days = pd.date_range("2020-01-01", periods=60, freq="D")
        table = pd.DataFrame({"item_id": f"w{place}", "timestamp": days})
        apart.append(table.assign(leader=window[0], follower=window[1]))
    generated = to_dataset(pd.concat(apart), target=["leader", "follower"])
    found = interaction_study(Ridge(), real, targets=["follower"], generated=generated, **QUICK)
    assert share(found, arm="real")["low"] > 0.1
    assert share(found, arm="generated")["high"] < share(found, arm="real")["low"]
    assert "lead to another forecaster: there, channels walk alone" in found.answer


def test_a_random_predictor_has_the_seed_that_is_said():
    first, second = (
        interaction_study(Ridge(), coupled(0.5), targets=["follower"], **QUICK) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.facts["seed"] == 1


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"targets": ["folower"]}, SettingsError, "'folower' is none of the series.*'follower'"),
        ({"targets": []}, SettingsError, "targets names no series"),
        ({"metric": "rmse"}, SettingsError, "metric='rmse' is unknown"),
        ({"windows": 1}, SettingsError, "windows=1"),
        ({"context": 0}, SettingsError, "context=0 is not possible"),
        ({"context": 900}, DataError, "'pair' has 900 steps, of which 720 are for training"),
    ],
)
def test_what_is_not_possible_says_why(change, error, said):
    with pytest.raises(error, match=said):
        interaction_study(Ridge(), coupled(0.5), **QUICK | change)


def test_one_series_has_no_others():
    one = simulate_series(num_series=1, length=100, freq="h", seed=1)
    with pytest.raises(DataError, match=r"There is one series only, 'series-0'.*explain_forecast"):
        interaction_study(Ridge(), one)


def test_other_channels_of_generated_windows_are_refused():
    other = MultivariateDataset.of_panel(simulate_series(num_series=2, length=60, freq="D", seed=1))
    with pytest.raises(DataError, match="have the channels series-0, series-1; the series are"):
        interaction_study(Ridge(), coupled(0.5), generated=other, **QUICK)
