"""The choice: what it may see, how sure it is, what it says, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from gluonts.model.forecast import SampleForecast

from tsgen.curation import (
    FunctionOperation,
    RoundPlan,
    SynthesizerTraining,
    Transform,
    choose_augmentation,
)
from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import BudgetError, DataError, SettingsError, TrainingInterruptedError

REAL = simulate_series(num_series=6, length=130, seed=1)
FAST = {"budget": "60s", "seed": 1, "plan": RoundPlan((1, 1, 2), (1, 1, 1), (2, 1), 40)}


@pytest.fixture(scope="module")
def choice():
    return choose_augmentation(REAL, 6, candidates=["mixing", "jitter"], **FAST)


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
        plan=RoundPlan((1, 1, 2), (1, 1, 2), (2, 2), 150), seed=1,
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
    assert none.answer == (
        "Do not add series: 1 could not be run (daily: 'daily' gave series of freq='D'; the data "
        "have 'h')."
    )


class Broken:
    """A synthesizer whose training fails."""

    def train(self, dataset, options):
        raise RuntimeError("no licence")


def torn(sources, random):
    raise ValueError("no luck")


def test_ways_of_strangers_that_throw_are_named_and_the_others_go_on():
    candidates = {"gan": Broken(), "torn": Transform("torn", function=torn), "jitter": "jitter"}
    choice = choose_augmentation(REAL, 6, candidates=candidates, **FAST)
    failed = choice.table.set_index("candidate")["failed"].dropna()
    assert "RuntimeError: no licence" in failed["gan"]
    assert "'torn' failed: ValueError: no luck" in failed["torn"]
    assert choice.best.name.startswith("jitter")


def test_another_way_of_the_same_name_is_not_given_the_numbers_of_the_first(tmp_path):
    def far(table):
        return table.assign(item_id=table["item_id"] + "x", target=1e6)

    def near(table):
        return table.assign(item_id=table["item_id"] + "x")

    options = FAST | {"cells": tmp_path / "cells", "narrow": False}
    asked = [choose_augmentation(REAL, 6, candidates={"mine": f}, **options) for f in (far, near)]
    fresh = choose_augmentation(REAL, 6, candidates={"mine": near}, **FAST | {"narrow": False})
    assert asked[1].gain == fresh.gain != asked[0].gain


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
        ({"budget": "0.01s"}, r"too little for one round of 1 way .* give at least"),
        ({"forecaster": 3}, "neither a GluonTS estimator nor a function"),
    ],
)
def test_impossible_arguments(arguments, message):
    given = {"prediction_length": 6, "candidates": ["jitter"], "budget": "60s"} | arguments
    with pytest.raises(SettingsError, match=message):
        choose_augmentation(REAL, seed=1, **given)


def test_an_interruption_without_cells_says_that_nothing_was_kept(monkeypatch):
    from tsgen.curation.choosing import rounds

    def stopping(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(rounds, "train_stack", stopping)
    with pytest.raises(TrainingInterruptedError, match="nothing of it was kept; with cells=FOLDER"):
        choose_augmentation(REAL, 6, candidates=["mixing"], **FAST)


def test_a_generator_that_the_budget_cannot_train_is_no_silent_loss():
    class Slow:
        def train(self, dataset, *, options):
            raise BudgetError("too small", least=5.0)

    candidates = {"slow": SynthesizerTraining(Slow(), "slow"), "mixing": "mixing"}
    with pytest.raises(SettingsError, match="for one training of 'slow', which needs 5s; give at"):
        choose_augmentation(REAL, 6, candidates=candidates, budget="10s", seed=1)
