"""The answer: its words, its folder, and its use on other data."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.curation import (
    AugmentationChoice,
    Candidate,
    Draws,
    FunctionOperation,
    Gain,
    OnlineAugmentation,
    Transform,
)
from tsgen.data import simulate_series
from tsgen.errors import DataError, ModelFormatError, SettingsError

REAL = simulate_series(num_series=6, length=130, seed=1)


def made(chosen, operations):
    gain = Gain(-0.05, -0.07, -0.03, 0.01, 10)
    table = pd.DataFrame([{"candidate": "mixing 50 %", "change": -5.0, "failed": None}])
    facts = {"data": {"freq": "h"}}
    return AugmentationChoice(chosen, gain, Candidate.of("mixing", 0.5), table, operations, facts)


def test_a_choice_is_saved_and_used_again_on_next_months_data(tmp_path):
    use = made(Candidate.of("mixing", 0.5), {"mixing": Transform("mixing")})
    assert use.answer == (
        "Use it: add 1 × mixing series for each real one; 4.8 % less error expected, between 3.0 % "
        "less and 7.0 % less. 1 way was tried."
    )
    loosened = replace(use, gain=Gain(0.05, -0.02, 0.12, 0.01, 10))
    assert "4.8 % more error expected, between 12.0 % more and 2.0 % less." in loosened.answer
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
    estimator = tsgen.PSAGANEstimator(target_length=8, num_steps=4, channels=(4,), batch_size=4)
    model = estimator.train(REAL, options=tsgen.TrainingOptions(seed=1))
    use = made(Candidate.of("mine", 0.5), {"mine": Draws(model)})  # by a name of the user
    use.save(tmp_path / "choice")
    loaded = tsgen.load(tmp_path / "choice")
    np.testing.assert_allclose(
        loaded.augment(REAL, seed=1).values, use.augment(REAL, seed=1).values, rtol=1e-5
    )
    OnlineAugmentation(REAL, dict.fromkeys(loaded.operations.values(), 1.0))


def test_none_is_said_in_words_and_augments_nothing(tmp_path):
    none = made(None, {})
    assert none.answer.startswith("Do not add series: 1 way was tried, and nothing helps here")
    assert none.augment(REAL).fingerprint() == REAL.fingerprint()
    none.save(tmp_path / "choice")
    assert tsgen.load(tmp_path / "choice").chosen is None


def test_words_name_the_best_and_its_interval_where_nothing_is_chosen():
    assert made(None, {}).answer == (
        "Do not add series: 1 way was tried, and nothing helps here for sure. The best, mixing "
        "50 %, changed the error by -5.0 % (between -7.0 % and -3.0 %)."
    )


def test_words_count_what_could_not_be_run_and_name_the_first_reason():
    rows = [("a", "It gave an empty table."), ("b", "too short"), ("c", "left out"), ("d", None)]
    table = pd.DataFrame(rows, columns=["candidate", "failed"])
    facts = {"narrowing": {"left_out": ["c"]}}
    whole = AugmentationChoice(None, None, None, table, {}, facts)
    two = "2 could not be run (a: It gave an empty table)"
    assert whole.answer == f"Do not add series: 1 way was tried, {two}."
    best = Candidate.of("d", 0.5)
    used = AugmentationChoice(best, Gain(-0.05, -0.07, -0.03, 0.01, 9), best, table, {}, facts)
    assert used.answer.endswith(f"1 way was tried, {two}.")
    lost = AugmentationChoice(None, None, None, table[:3], {}, facts)
    assert lost.answer == f"Do not add series: {two}."


def test_everything_of_a_choice_comes_back(tmp_path):
    both = Candidate("both", (("mixing", 0.25), ("jitter", 0.25)))
    operations = {"mixing": Transform("mixing"), "jitter": Transform("jitter", {"share": 0.2})}
    use = made(both, operations)
    use.save(tmp_path / "choice")
    loaded = tsgen.load(tmp_path / "choice")
    assert (loaded.chosen, loaded.gain, loaded.best) == (use.chosen, use.gain, use.best)
    assert loaded.operations == use.operations
    assert loaded.facts == use.facts
    assert loaded.dataset is None
    pd.testing.assert_frame_equal(loaded.table, use.table)
    use.save(tmp_path / "choice", overwrite=True)


def test_functions_of_the_user_are_not_saved(tmp_path):
    own = Transform("own", function=lambda sources, draw: sources.values)
    for operation in (own, FunctionOperation(lambda table: table, "own")):
        with pytest.raises(SettingsError, match="'own' is a function of yours"):
            made(Candidate.of("own", 0.5), {"own": operation}).save(tmp_path / "choice")
    assert not (tmp_path / "choice").exists()


def test_an_incomplete_folder_is_named(tmp_path):
    with pytest.raises(ModelFormatError, match=r"not a complete choice \('makers' is missing\)"):
        AugmentationChoice.from_folder(tmp_path, {})
