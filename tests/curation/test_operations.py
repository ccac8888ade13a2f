"""One contract for all ways to make series: transforms, synthesizers, functions, libraries."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from gluonts.model.forecast import SampleForecast

from forecast_doubles import Doubling
from tsgen.curation import (
    TRANSFORMS,
    Draws,
    FunctionOperation,
    Futures,
    SynthesizerTraining,
    Transform,
    make_series,
    make_windows,
    operation,
)
from tsgen.data import simulate_series
from tsgen.errors import DataError, SettingsError
from tsgen.training import TrainingOptions

REAL = simulate_series(num_series=4, length=96, seed=1)


def louder(table, seed):
    noise = np.random.default_rng(seed).normal(size=len(table))
    return table.assign(item_id=table["item_id"] + "/new", target=table["target"] + noise)


class Counting:
    """Forecasts 1000 plus the number of steps it was shown."""

    prediction_length = 10

    def predict(self, entries, num_samples):
        for entry in entries:
            seen = len(entry["target"])
            yield SampleForecast(np.full((1, 10), 1000.0 + seen), entry["start"] + seen)


ALL = [
    *(Transform(name) for name in sorted(TRANSFORMS)),
    Draws(Doubling(), "doubling"),
    Futures(Counting(), "counting"),
    FunctionOperation(louder, "louder"),
]


@pytest.mark.parametrize("made_by", ALL, ids=lambda o: o.name)
def test_every_operation_keeps_the_contract(made_by):
    made = make_series(REAL, made_by, 1.5, seed=3)
    again = make_series(REAL.to_frame(), made_by, 1.5, seed=3)
    assert len(made) == 6
    assert made.fingerprint() == again.fingerprint()
    assert made.synthetic.all()
    assert made.freq == REAL.freq
    assert {facts["model"] for facts in made.info} == {made_by.name}
    assert not set(made.item_ids) & set(REAL.item_ids)
    keys = [set(entry) for entry in made]
    assert all(k == keys[0] for k in keys)
    if made_by.name not in {"doubling", "counting"}:
        assert made.fingerprint() != make_series(REAL, made_by, 1.5, seed=4).fingerprint()


def test_synthetic_series_are_not_copied_from():
    once = type(REAL).concat([REAL, make_series(REAL, Transform("jitter"), 1.0, seed=1)])
    made = make_series(once, Transform("jitter"), 1.0, seed=2)
    assert {facts["source_item_id"] for facts in made.info} == set(REAL.item_ids)


def test_windows_and_series_go_through_the_same_operation():
    windows = REAL.values.reshape(4, 96)
    made = make_windows(windows, Transform("time_warp"), season=24, seed=5)
    same = Transform("time_warp").after(REAL, np.arange(4), seed=5)
    np.testing.assert_allclose(made, same.values.reshape(4, 96))


def test_futures_are_given_the_real_past_and_nothing_later():
    made = Futures(Counting()).after(REAL, np.array([2, 2]), seed=1)
    for i in range(2):
        drawn, real = made.series(i), REAL.series(2)
        begin = int(np.flatnonzero(drawn != real)[0])
        np.testing.assert_array_equal(drawn[:begin], real[:begin])
        assert 10 <= begin < 20
        for step in range(begin, 96):
            cut = begin + (step - begin) // 10 * 10
            assert drawn[step] == 1000 + cut


def test_a_synthesizer_is_trained_and_then_drawn_from():
    maker = SynthesizerTraining(Doubling(factor=3.0))
    assert operation(maker) is maker
    fitted = maker.fit(REAL, TrainingOptions(seed=1))
    made = fitted.after(REAL, np.array([1]), seed=1)
    np.testing.assert_allclose(made.values, 3 * REAL.series(1).mean())


def test_names_stand_for_transforms_and_synthesizers():
    assert operation("jitter", share=0.1) == Transform("jitter", {"share": 0.1})
    assert operation("psa-gan", target_length=24).synthesizer.target_length == 24
    assert operation(louder).name == "louder"
    with pytest.raises(SettingsError, match="Did you mean 'psa-gan'"):
        operation("psagan")
    with pytest.raises(SettingsError, match="no way to make series"):
        operation(3)


def broken(table):
    raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (broken, "'bad' failed: ZeroDivisionError: by zero"),
        (lambda table: table.iloc[:0], "'bad' gave an empty table"),
        (lambda table: table, "only series whose ids are those of the data"),
        (lambda table: 7, "'bad' gave 7"),
        (
            lambda table: table.assign(
                item_id="x", timestamp=pd.date_range("2024", periods=len(table), freq="D")
            ),
            "freq='D'; the data have 'h'",
        ),
    ],
)
def test_what_a_function_does_wrong_is_said(function, message):
    with pytest.raises(DataError, match=message):
        FunctionOperation(function, "bad")(REAL, 1.0, seed=1)


def test_a_function_that_gives_few_is_asked_again_with_another_seed():
    asked = []

    def single(table, seed):
        asked.append(seed)
        return louder(table[table["item_id"] == table["item_id"].iloc[0]], seed)

    made = FunctionOperation(single, "single")(REAL, 1.0, seed=1)
    assert len(made) == 4
    assert len(set(asked)) == 4


def test_functions_may_take_the_dataset_itself():
    def same(dataset):
        from dataclasses import replace

        return replace(dataset, item_ids=tuple(f"n{i}" for i in dataset.item_ids))

    made = FunctionOperation(same, "same", takes="dataset")(REAL, 1.0, seed=1)
    np.testing.assert_array_equal(made.values, REAL.values)


@dataclass(frozen=True)
class Own:
    """An operation of a user, by the protocol alone."""

    name: str = "own"

    def __call__(self, dataset, ratio, *, seed):
        return Transform("scaling")(dataset, ratio, seed=seed)


def test_an_object_that_keeps_the_protocol_is_an_operation():
    assert len(make_series(REAL, operation(Own()), 0.5, seed=1)) == 2


@pytest.mark.parametrize("method", ["augment", "mixup", "mbb", "dba"])
def test_synforecast_takes_part(method):
    pytest.importorskip("synforecast")
    made = make_series(REAL, operation(f"synforecast-{method}"), 1.0, seed=1)
    assert len(made) == 4
    assert made.fingerprint() == make_series(
        REAL, operation(f"synforecast-{method}"), 1.0, seed=1
    ).fingerprint()  # fmt: skip
