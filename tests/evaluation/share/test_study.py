"""The study as a whole: what is trained, what is said first, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from forecast_doubles import Doubling
from tsgen import PSAGANEstimator
from tsgen.curation import SynthesizerTraining
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError
from tsgen.evaluation import Forecaster, evaluate_share
from tsgen.evaluation.share.study import share_cost

REAL = simulate_series(num_series=8, length=80, seed=1)
LINEAR = {"linear": Forecaster(estimator="reference_linear")}


def asked(synthesizer, **changes):
    options = {"forecasters": LINEAR, "num_references": 2, "seed": 1, "fidelity": False} | changes
    return evaluate_share(REAL, 6, synthesizer, **options)


def test_a_table_of_three_parts_and_one_verdict():
    result = asked("jitter", fidelity=True)
    assert result.kind == "share"
    assert list(dict.fromkeys(result.table["part"])) == ["attack", "use", "fidelity"]
    assert result.facts["fidelity_not_measured"] is None
    attack = result.table[result.table["part"] == "attack"].set_index("arm")
    assert attack.loc["copy of the data", "value"] > 0.9
    assert set(attack["metric"]) == {"members found at 5 % false alarms"}
    use = result.table[result.table["part"] == "use"].iloc[0]
    assert use["change"] == pytest.approx(use["value"] / use["floor"] - 1)
    assert result.facts["verdict"] == "no"  # a little noise hides nothing
    assert "Not guaranteed" in result.answer
    again = asked("jitter")
    measured = result.table["part"] != "fidelity"
    assert again.table["value"].tolist() == result.table["value"][measured].tolist()
    assert again.facts["fidelity_not_measured"] == "not asked for"


def test_generators_learn_from_halves_and_the_handed_out_one_from_all(monkeypatch):
    monkeypatch.setattr(Doubling, "trained", [])
    said = []
    estimator = SimpleNamespace(train=Doubling().train, name="double")
    budgets = []

    def train(dataset, /, *, options):
        budgets.append((options.budget, options.budget_clock))
        return Doubling().train(dataset, options=options)

    estimator.train = train
    with pytest.raises(DataError, match="no window of 12 steps that varies"):
        asked(estimator, budget="5s", on_cost=said.append)  # it draws constants
    assert [len(ids) for _, ids, _ in Doubling.trained] == [8, 4]
    assert {tuple(set(lengths)) for _, _, lengths in Doubling.trained} == {(80 - 18,)}
    assert set(budgets) == {(5.0, "cpu")}
    assert said == [
        "4 generators are trained, 5s of processor time each (0.33 minutes in all): one to hand "
        "out, one that is attacked, 2 reference models. Then 1 forecaster is trained 2 times."
    ]


def test_the_cost_says_what_is_trained():
    assert share_cost(False, 8, "60s", 3, 2) == (
        "No generator is trained. Then 3 forecasters are trained 4 times each."
    )
    assert "to their last step" in share_cost(True, 8, None, 3, 1)
    assert "1min of processor time each (10 minutes in all)" in share_cost(True, 8, "1min", 3, 1)


def test_steps_of_the_generators_own_come_before_the_budget_and_that_is_said():
    stepping = SimpleNamespace(train=Doubling().train, name="double", num_steps=30)
    said = []
    with pytest.raises(DataError, match="no window of 12 steps that varies"):
        asked(stepping, budget="9s", on_cost=said.append)  # it draws constants
    assert "4 generators are trained, to their last step:" in said[0]


def test_fidelity_that_cannot_be_measured_is_said(monkeypatch):
    from tsgen.evaluation.share import study

    def refuse(*given, **options):
        raise DataError("Too few windows.")

    monkeypatch.setattr(study, "evaluate_fidelity", refuse)
    result = asked("jitter", fidelity=True)
    assert result.facts["fidelity_not_measured"] == "Too few windows."
    assert set(result.table["part"]) == {"attack", "use"}


@pytest.mark.parametrize(
    ("data", "changes", "error", "match"),
    [
        (REAL.subset(np.arange(7)), {}, DataError, "7 series; an attack"),
        (simulate_series(8, 40, seed=1), {}, DataError, "has 40 steps; 42 are needed"),
        (REAL, {"num_references": 3}, SettingsError, "=3 is not possible; give an even number"),
        (REAL, {"prediction_length": 0}, SettingsError, "prediction_length=0 is not possible"),
        (REAL, {"budget": "soon"}, SettingsError, "soon"),
    ],
)
def test_what_cannot_be_asked_is_refused(data, changes, error, match):
    options = {"forecasters": LINEAR, "num_references": 2, "seed": 1, "prediction_length": 6}
    with pytest.raises(error, match=match):
        evaluate_share(data, synthesizer="jitter", **options | changes)


def test_too_few_series_are_refused_before_anything_is_said_or_trained():
    costs = []
    with pytest.raises(DataError, match="7 series; an attack"):
        evaluate_share(REAL.subset(np.arange(7)), 6, "jitter", seed=1, on_cost=costs.append)
    assert costs == []


def test_synthetic_and_multivariate_data_are_refused():
    made = to_dataset([entry | {"info": {"synthetic": True}} for entry in REAL])
    with pytest.raises(DataError, match="8 of 8 series are synthetic"):
        evaluate_share(made, 6, "jitter")
    joint = [
        {"item_id": "a", "start": pd.Period("2024-01-01", "h"), "target": np.ones((2, 60))}
    ]  # fmt: skip
    with pytest.raises(DataError, match="2 channels"):
        evaluate_share(joint, 6, "jitter")


def test_an_interrupted_study_goes_on_to_the_same_numbers(tmp_path, monkeypatch):
    trained, stop = [], [3]
    train = SynthesizerTraining.train

    def training(maker, dataset, options):
        trained.append(len(dataset))
        if len(trained) == stop[0]:
            raise KeyboardInterrupt
        return train(maker, dataset, options)

    monkeypatch.setattr(SynthesizerTraining, "train", training)
    small = PSAGANEstimator(target_length=8, num_steps=4)
    folder, said = tmp_path / "cells", []
    asking = {"cells": folder, "on_cost": said.append, "fidelity": True}
    with pytest.raises(TrainingInterruptedError, match=f"kept in {folder}. The same call goes on"):
        asked(small, **asking)
    again = asked(small, **asking)
    assert trained == [8, 4, 4, 4, 4]  # the one that was stopped, and the one after it
    assert [f"finished is in {folder}" in line for line in said] == [False, True]
    third = asked(small, **asking)
    assert len(trained) == 5
    stop[0] = 0
    whole = asked(small, fidelity=True)
    assert len(trained) == 9
    for result in (again, third):
        pd.testing.assert_frame_equal(result.table, whole.table)
    asked(small, cells=folder, num_references=4)  # other references: nothing is taken for theirs
    assert len(trained) == 15


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])  # Lightning's is the second
def test_without_a_folder_an_interruption_says_that_nothing_was_kept(stop, monkeypatch):
    from tsgen.evaluation.share import study

    def stopped(*given, **options):
        raise stop

    monkeypatch.setattr(study, "run_attack", stopped)
    with pytest.raises(TrainingInterruptedError, match="nothing of it was kept; with cells=FOLDER"):
        asked("jitter")
