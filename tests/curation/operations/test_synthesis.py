"""Trained synthesizers and predictors as operations: what they are asked for."""

import numpy as np
import pytest
from gluonts.model.forecast import QuantileForecast, SampleForecast

from forecast_doubles import Doubling
from tsgen.curation import Draws, Futures, SynthesizerTraining, operation
from tsgen.curation.operations import as_operation
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError
from tsgen.training import TrainingOptions

REAL = simulate_series(num_series=4, length=96, seed=1)


class Counting:
    """Forecasts 1000 plus the number of steps it was shown."""

    prediction_length = 10

    def predict(self, entries, num_samples):
        for entry in entries:
            seen = len(entry["target"])
            yield SampleForecast(np.full((1, 10), 1000.0 + seen), entry["start"] + seen)


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


def test_a_synthesizer_is_asked_for_the_calendar_of_its_sources():
    asked = []

    class Watching(Doubling):
        def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
            asked.append((rows.tolist(), starts.tolist(), lengths.tolist(), constraints, seed))
            return super().sample_after(like, rows, starts, lengths, seed=seed)

    first = simulate_series(num_series=1, length=50, seed=2)
    moved = [entry | {"item_id": "m", "start": entry["start"] + 5} for entry in first]
    mixed = to_dataset([*REAL, *moved])
    made = Draws(Watching(), "w", constraints=None).after(mixed, np.array([4, 0]), seed=9)
    assert asked == [([4, 0], mixed.starts[[4, 0]].tolist(), [50, 96], None, 9)]
    assert made.info[0] == {"synthetic": True, "model": "w", "source_item_id": "m"}
    Draws(Watching()).after(REAL, np.array([1]), seed=1)
    assert asked[1][3] == "infer"


class Drawing(Counting):
    """Forecasts noise, from its own seed or NumPy's global one."""

    def __init__(self, quantiles=False):
        self.quantiles = quantiles

    def predict(self, entries, num_samples):
        for entry in entries:
            start = entry["start"] + len(entry["target"])
            if self.quantiles:
                yield QuantileForecast(np.zeros((1, 10)), start, ["0.5"])
            else:
                yield SampleForecast(np.random.normal(size=(1, 10)), start)  # noqa: NPY002


def test_futures_follow_the_seed_and_begin_at_places_of_their_own():
    futures = Futures(Drawing(), "f")
    rows = np.array([0, 1, 2, 3])
    one, again, other = (futures.after(REAL, rows, seed=s) for s in (1, 1, 2))
    assert one.fingerprint() == again.fingerprint() != other.fingerprint()
    begins = {int((one.series(i) == REAL.series(i)).sum()) for i in range(4)}
    assert len(begins) > 1
    assert one.info[0]["model"] == "f"


def test_a_series_as_long_as_a_forecast_has_no_past_and_is_named():
    short = simulate_series(num_series=2, length=10, seed=3)
    with pytest.raises(DataError, match=r"has 10 steps; psa-gan-c needs more than .*=10"):
        Futures(Counting()).after(short, np.array([1]), seed=1)
    longer = simulate_series(num_series=1, length=11, seed=3)
    made = Futures(Counting()).after(longer, np.array([0]), seed=1)
    np.testing.assert_array_equal(made.values[:10], longer.values[:10])
    assert made.values[10] == 1010


def test_forecasts_of_quantiles_are_no_futures():
    with pytest.raises(SettingsError, match="'psa-gan-c' forecasts quantiles, not samples"):
        Futures(Drawing(quantiles=True)).after(REAL, np.array([0]), seed=1)


def test_training_passes_data_and_options_on_and_keeps_name_and_constraints():
    given = []

    class Synthesizer:
        def train(self, dataset, *, options):
            given.append((dataset, options))
            return Doubling()

    options = TrainingOptions(seed=4)
    for synthesizer in (Synthesizer(), lambda dataset: Synthesizer()):
        made = SynthesizerTraining(synthesizer, "mine", None).fit(REAL, options)
        assert (made.name, made.constraints) == ("mine", None)
    assert [(d is REAL, o is options) for d, o in given] == [(True, True)] * 2


def test_what_a_trained_object_is_taken_for():
    draws = as_operation(Doubling(), "d", None)
    assert isinstance(draws, Draws)
    assert draws.constraints is None
    assert isinstance(as_operation(Counting(), "c"), Futures)
    with pytest.raises(SettingsError, match="'x' is a int, which has neither"):
        as_operation(3, "x")


def test_steps_of_its_own_come_before_a_budget():
    given = []

    class Stepping(Doubling):
        num_steps: int | None = 30

        def train(self, dataset, /, *, options):
            given.append((options.budget, options.seed))
            return self

    options = TrainingOptions(seed=3, budget="10s", budget_clock="cpu")
    maker = SynthesizerTraining(Stepping())
    assert maker.num_steps == 30
    maker.fit(REAL, options)
    Stepping.num_steps = None
    maker.fit(REAL, options)
    assert given == [(None, 3), (10.0, 3)]
    assert SynthesizerTraining(lambda dataset: Doubling()).num_steps is None
