"""The choice: what it may see, how sure it is, what it says, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from gluonts.model.forecast import SampleForecast

import tsgen
from tsgen.curation import (
    AugmentationChoice,
    Candidate,
    FunctionOperation,
    Gain,
    OnlineAugmentation,
    Plan,
    SynthesizerTraining,
    Transform,
    choose_augmentation,
)
from tsgen.curation.choosing import Validation, gain_of
from tsgen.curation.choosing.budget import Budget
from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError, TrainingInterruptedError

REAL = simulate_series(num_series=6, length=130, seed=1)
FAST = {"budget": "60s", "seed": 1, "plan": Plan((1, 1, 2), (1, 1, 1), (2, 1), 40)}


@pytest.fixture(scope="module")
def choice():
    return choose_augmentation(REAL, 6, candidates=["mixing", "jitter"], **FAST)


def test_nothing_learns_from_the_windows_that_judge():
    cut = Validation.of(REAL, 6)
    assert cut.num_windows == 3
    assert cut.learning.lengths.tolist() == [130 - 4 * 6] * 6
    for windows, first in ((cut.stopping, 106), (cut.judging, 112)):
        assert (windows.begins - windows.firsts).min() == first
    assert sorted(set(cut.judging.begins - cut.judging.firsts)) == [112, 118, 124]
    assert cut.before(1).lengths.tolist() == [118] * 6


def test_generators_learn_from_what_precedes_the_judging_windows_and_then_from_all():
    seen = []

    class Watching:
        def train(self, dataset, *, options):
            seen.append((dataset.lengths.tolist(), options.budget))
            return self

        def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
            return Transform("scaling").after(like, rows, seed=seed)

    choice = choose_augmentation(REAL, 6, candidates={"watching": Watching_training(Watching)},
                                 **FAST)  # fmt: skip
    assert seen[0] == ([106] * 6, 12.0)  # a fifth of the budget
    assert len(seen) == (1 if choice.chosen is None else 2)


def Watching_training(kind):
    return SynthesizerTraining(lambda dataset: kind(), "watching")


def square_waves(num, seed):
    """Noisy square waves of random phase, as a long table."""
    draw, hours = np.random.default_rng(seed), np.arange(48)
    phase = draw.uniform(0, 24, (num, 1))
    rows = 10 + 4 * np.sign(np.sin(2 * np.pi * (hours + phase) / 11))
    rows += 0.5 * draw.normal(size=rows.shape)
    stamps = pd.date_range("2024-01-01", periods=48, freq="h")
    return pd.concat(
        [
            pd.DataFrame({"item_id": f"{seed}/{i}", "timestamp": stamps, "target": row})
            for i, row in enumerate(rows)
        ]
    )


def test_an_augmentation_that_is_the_truth_is_chosen_and_a_broken_one_is_not():
    real = to_dataset(square_waves(12, 0))
    shuffle = np.random.default_rng(0).permutation

    def truth(table, seed):
        return square_waves(40, 1 + seed)

    def broken(table, seed):
        return table.assign(item_id=table["item_id"] + "/b", target=shuffle(table["target"]))

    choice = choose_augmentation(
        real, 6, candidates={"truth": FunctionOperation(truth, "truth"),
                             "broken": FunctionOperation(broken, "broken")},
        plan=Plan((1, 1, 2), (1, 1, 2), (2, 2), 150), seed=1,
    )  # fmt: skip
    assert choice.chosen is not None
    assert choice.chosen.parts[0][0] == "truth"
    assert choice.answer.startswith("Use it: add")
    table = choice.table.set_index("candidate")
    assert table.loc["broken 50 %", "change"] > table["change"].min() + 5
    assert choice.dataset.synthetic.sum() == round(
        len(real) * choice.chosen.ratios["truth"]
    )  # fmt: skip
    with pytest.raises(SettingsError, match="a function of yours"):
        choice.save("/nowhere")


def test_the_table_is_sorted_and_says_how_sure_it_is(choice):
    table = choice.table
    assert list(table["change"]) == sorted(table["change"])
    assert (table["low"] <= table["change"]).all()
    assert (table["change"] <= table["high"]).all()
    assert (table["expected"].abs() <= table["change"].abs() + 1e-9).all()
    assert json.dumps(choice.facts)


def test_the_same_seed_gives_the_same_choice(choice):
    again = choose_augmentation(REAL, 6, candidates=["mixing", "jitter"], **FAST)
    pd.testing.assert_frame_equal(again.table, choice.table)


def test_gains_are_of_pairs_and_their_interval_covers():
    draw = np.random.default_rng(0)
    hits = 0
    for trial in range(60):
        series = draw.lognormal(size=(1, 1, 30))
        shared = draw.lognormal(sigma=0.3, size=(8, 3, 30)) * series
        made = 0.95 * shared * draw.lognormal(sigma=0.1, size=(8, 3, 30))
        gain = gain_of(made, shared * draw.lognormal(sigma=0.1, size=(8, 3, 30)), seed=trial)
        hits += gain.low <= -0.05 <= gain.high
    assert hits >= 52
    same = gain_of(shared, shared)
    assert same.change == 0
    assert same.sureness == 0


def test_what_is_expected_of_a_winner_is_shrunk():
    sure = Gain(-0.10, -0.11, -0.09, 0.005, 10)
    unsure = Gain(-0.10, -0.25, 0.05, 0.1, 10)
    assert -0.10 < sure.expected < -0.099
    assert unsure.expected == pytest.approx(np.expm1((1 - (0.1 / np.log(0.9)) ** 2) * np.log(0.9)))
    assert Gain(-0.1, -0.4, 0.4, 0.2, 3).expected == 0


def made(chosen, operations):
    gain = Gain(-0.05, -0.07, -0.03, 0.01, 10)
    table = pd.DataFrame([{"candidate": "mixing 50 %", "change": -5.0, "failed": None}])
    facts = {"data": {"freq": "h"}}
    return AugmentationChoice(chosen, gain, Candidate.of("mixing", 0.5), table, operations, facts)


def test_a_choice_is_saved_and_used_again_on_next_months_data(tmp_path):
    use = made(Candidate.of("mixing", 0.5), {"mixing": Transform("mixing")})
    assert use.answer == (
        "Use it: add 1 × mixing series for each real one; 5 % less error expected, between 3.0 and "
        "7.0 %. 1 ways were tried."
    )
    use.save(tmp_path / "choice")
    loaded = tsgen.load(tmp_path / "choice")
    assert loaded.answer == use.answer
    later = simulate_series(num_series=4, length=200, seed=9)
    both = [c.augment(later, seed=3) for c in (use, loaded)]
    assert both[0].fingerprint() == both[1].fingerprint()
    assert both[0].synthetic.tolist() == [False] * 4 + [True] * 4
    again = loaded.augment(both[0], seed=3)
    assert again.fingerprint() == both[0].fingerprint()
    with pytest.raises(DataError, match="made for freq='h', these data have 'D'"):
        loaded.augment(simulate_series(num_series=2, length=20, freq="D"))


def test_a_trained_generator_is_saved_with_the_choice(tmp_path):
    from tsgen.curation import Draws

    estimator = tsgen.PSAGANEstimator(target_length=24, num_steps=10)
    model = estimator.train(REAL, options=tsgen.TrainingOptions(seed=1))
    use = made(Candidate.of("psa-gan", 0.5), {"psa-gan": Draws(model)})
    use.save(tmp_path / "choice")
    loaded = tsgen.load(tmp_path / "choice")
    np.testing.assert_allclose(
        loaded.augment(REAL, seed=1).values, use.augment(REAL, seed=1).values, rtol=1e-5
    )
    OnlineAugmentation(REAL, dict.fromkeys(loaded.operations.values(), 1.0))


def test_none_is_said_in_words_and_augments_nothing(tmp_path):
    none = made(None, {})
    assert none.answer.startswith("Do not add series: 1 ways were tried, and nothing helps here")
    assert none.augment(REAL).fingerprint() == REAL.fingerprint()
    none.save(tmp_path / "choice")
    assert tsgen.load(tmp_path / "choice").chosen is None


class Level:
    """A GluonTS-like estimator that repeats the last value."""

    def __init__(self, fails=None):
        self.fails = fails

    def train(self, entries):
        if self.fails is not None and self.fails(len(entries)):
            raise RuntimeError("no luck")
        return self

    def predict(self, entries):
        for entry in entries:
            paths = np.full((3, 6), entry["target"][-1])
            yield SampleForecast(paths, entry["start"] + len(entry["target"]))


def test_a_gluonts_estimator_judges_the_last_candidates():
    choice = choose_augmentation(REAL, 6, Level(), candidates=["mixing"], **FAST)
    own = choice.table[choice.table["forecaster"] == "yours"]
    assert len(own)
    assert (own["change"] == 0).all()  # it does not look at the training data
    assert choice.chosen is None


def test_a_fit_predict_function_is_given_long_tables_up_to_each_window():
    asked = []

    def fit_predict(table, horizon):
        lengths = table[table["item_id"].isin(map(str, REAL.item_ids))].groupby("item_id").size()
        asked.append((set(lengths), table["item_id"].nunique()))
        last = table.groupby("item_id").tail(1)
        frames = [
            last.assign(timestamp=last["timestamp"] + pd.Timedelta(hours=h + 1))
            for h in range(horizon)
        ]
        return pd.concat(frames)

    choice = choose_augmentation(REAL, 6, fit_predict, candidates=["mixing"], **FAST)
    assert [lengths for lengths, _ in asked] == 2 * [{112}, {118}, {124}]
    assert asked[0][1] == 6
    assert max(number for _, number in asked) > 6
    assert (choice.table["forecaster"] == "yours").any()


def test_a_forecaster_that_fails_on_every_candidate_is_an_error():
    with pytest.raises(DataError, match=r"fails on every candidate; mixing .*no luck"):
        choose_augmentation(REAL, 6, Level(lambda n: n > 6), candidates=["mixing"], **FAST)
    with pytest.raises(DataError, match="fails on the real series alone: RuntimeError: no luck"):
        choose_augmentation(REAL, 6, Level(lambda n: True), candidates=["mixing"], **FAST)


def test_a_candidate_that_fails_is_named_and_the_others_go_on():
    def daily(table):
        days = pd.date_range("2024", periods=len(table), freq="D")
        return table.assign(item_id="x", timestamp=days)

    candidates = {"daily": daily, "empty": lambda table: table.iloc[:0], "jitter": "jitter"}
    choice = choose_augmentation(REAL, 6, candidates=candidates, **FAST)
    failed = choice.table.set_index("candidate")["failed"].dropna()
    assert "the data have 'h'" in failed["daily"]
    assert "empty table" in failed["empty"]
    none = choose_augmentation(REAL, 6, candidates={"daily": daily}, **FAST)
    assert none.chosen is None
    assert none.answer == "Do not add series: 1 ways were tried, and none could be run."


def test_an_interrupted_choice_goes_on(tmp_path, monkeypatch):
    from tsgen.curation.choosing import rounds

    calls = []
    train = rounds.train_stack

    def stopping(*args, **kwargs):
        calls.append(len(args[0]))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(*args, **kwargs)

    monkeypatch.setattr(rounds, "train_stack", stopping)
    options = {"candidates": ["mixing", "jitter"], "cells": tmp_path / "cells"}
    options |= {"plan": FAST["plan"]}  # and no seed: an interrupted call has kept it
    with pytest.raises(TrainingInterruptedError, match="goes on with the rest"):
        choose_augmentation(REAL, 6, **options)
    before = len(calls)
    choice = choose_augmentation(REAL, 6, **options)
    rounds_run = choice.facts["plan"]["draws"]
    assert len(calls) - before == sum(rounds_run) - 1  # the first draw was kept


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (simulate_series(num_series=6, length=29), "Too short to judge inside the data"),
        (simulate_series(num_series=1, length=200), "The data have 1 series"),
        (MultivariateDataset.of_panel(REAL), "The data have 6 channels"),
        (Transform("jitter")(REAL, 1.0, seed=1), "6 of 6 series are synthetic"),
        (
            to_dataset([{"item_id": str(i), "start": "2024-01-01", "target": np.full(80, 3.0)}
                        for i in range(4)], freq="h"),
            "All 4 series are constant",
        ),
        (
            [e | {"feat_dynamic_real": np.zeros((1, 130))} for e in REAL],
            "feat_dynamic_real",
        ),
    ],
)  # fmt: skip
def test_data_that_no_choice_can_be_made_for(data, message):
    with pytest.raises(DataError, match=message):
        choose_augmentation(data, 6, candidates=["jitter"], **FAST)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prediction_length": 0}, "prediction_length=0"),
        ({"candidates": []}, "There is no candidate"),
        ({"candidates": ["mixin"]}, "Did you mean 'mixing'"),
        ({"candidates": ["jitter", Transform("jitter", {"share": 1.0})]}, "the same name"),
        ({"budget": "soon"}, "is not a time"),
        ({"budget": "0.01s"}, r"too little for one round of 1 ways .* give at least"),
        ({"forecaster": 3}, "neither a GluonTS estimator nor a function"),
    ],
)
def test_impossible_arguments(arguments, message):
    given = {"prediction_length": 6, "candidates": ["jitter"], "budget": "60s"} | arguments
    with pytest.raises(SettingsError, match=message):
        choose_augmentation(REAL, seed=1, **given)


def test_series_that_are_too_short_are_counted():
    short = simulate_series(num_series=1, length=20, seed=2)
    from dataclasses import replace

    mixed = type(REAL).concat([REAL, replace(short, item_ids=("short",))])
    with pytest.warns(DataWarning, match="1 of 7 series are shorter than 42 steps"):
        cut = Validation.of(mixed, 6)
    assert cut.left_out == 1


def test_a_larger_budget_never_buys_less():
    plans = []
    for seconds in (20, 60, 200, 1000, 10_000):
        budget = Budget.of(seconds, 12, 1)
        plans.append(budget.plan(0.1, 0.5).members(12))
    assert plans == sorted(plans)
    assert plans[0] < plans[-1]
