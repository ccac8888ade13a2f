"""What a name or an object stands for as a way to make series."""

from dataclasses import dataclass

import pytest

from forecast_doubles import Doubling
from tsgen.curation import (
    Draws,
    FunctionOperation,
    Futures,
    SynthesizerTraining,
    Transform,
    make_series,
    operation,
)
from tsgen.data import simulate_series
from tsgen.errors import SettingsError

REAL = simulate_series(num_series=4, length=96, seed=1)


def louder(table, seed):
    return table.assign(item_id=table["item_id"] + "/new")


@dataclass(frozen=True)
class Own:
    """An operation of a user, by the protocol alone."""

    name: str = "own"

    def __call__(self, dataset, ratio, *, seed):
        return Transform("scaling")(dataset, ratio, seed=seed)


def test_names_stand_for_transforms_and_synthesizers():
    assert operation("jitter", share=0.1) == Transform("jitter", {"share": 0.1})
    assert operation("psa-gan", target_length=24).synthesizer.target_length == 24
    assert operation(louder).name == "louder"
    with pytest.raises(SettingsError, match="Did you mean 'psa-gan'"):
        operation("psagan")
    with pytest.raises(SettingsError, match="no way to make series"):
        operation(3)


def test_an_object_that_keeps_the_protocol_is_an_operation():
    assert len(make_series(REAL, operation(Own()), 0.5, seed=1)) == 2


class Predictor:
    prediction_length = 4

    def predict(self, entries):
        return iter(())


class Synthesizer:
    """A synthesizer yet to be trained."""

    name = "mine"

    def train(self, dataset, *, options):
        return Doubling()


def test_objects_are_taken_by_what_they_can_do():
    draws = operation(Doubling())
    assert isinstance(draws, Draws)
    assert draws.name == "Doubling"
    assert isinstance(operation(Predictor()), Futures)
    training = operation(Synthesizer())
    assert isinstance(training, SynthesizerTraining)
    assert training.name == "mine"


@pytest.mark.parametrize(
    "ready",
    [Transform("jitter"), FunctionOperation(louder, "l"), SynthesizerTraining(Synthesizer())],
)
def test_what_is_an_operation_already_stays_itself(ready):
    assert operation(ready) is ready


@pytest.mark.parametrize(("length", "expected"), [(10, 8), (32, 16), (95, 32), (200, 64)])
def test_a_psa_gan_without_settings_has_windows_of_half_the_median_series(length, expected):
    dataset = simulate_series(num_series=3, length=length, seed=1)
    made = operation("psa-gan")
    assert made.name == "psa-gan"
    assert made.synthesizer(dataset).target_length == expected


@pytest.mark.parametrize("method", ["augment", "mbb"])
def test_synforecasts_methods_go_by_their_own_name(method):
    pytest.importorskip("synforecast")
    assert operation(f"synforecast-{method}").name == f"synforecast-{method}"
