"""One contract for all ways to make series: transforms, synthesizers, functions, libraries."""

import numpy as np
import pytest
from gluonts.model.forecast import SampleForecast

from forecast_doubles import Doubling
from operation_panels import SEASON, augmented_series, panel
from tsgen.curation import (
    TRANSFORMS,
    Draws,
    FunctionOperation,
    Futures,
    Transform,
    make_series,
    make_windows,
)
from tsgen.curation.operations import AlignedOperation, Operation
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import SettingsError

REAL = simulate_series(num_series=4, length=96, seed=1)
FASTEST = {"fit_and_simulate": {"model": "stl"}}


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
    *(Transform(name, FASTEST.get(name, {})) for name in sorted(TRANSFORMS)),
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


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_new_series_have_the_shape_of_their_sources_and_say_what_they_are(method):
    real = panel()
    made = augmented_series(real, method, 2.0, SEASON, seed=3, **FASTEST.get(method, {}))
    sources = [real.item_ids.index(facts["source_item_id"]) for facts in made.info]
    assert sorted(sources) == [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(made.lengths, real.lengths[sources])
    np.testing.assert_array_equal(made.starts, real.starts[sources])
    assert made.synthetic.all()
    assert not set(made.item_ids) & set(real.item_ids)


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_the_seed_decides(method):
    real = panel()
    first, again, other = (
        augmented_series(real, method, 1.0, SEASON, seed=s, **FASTEST.get(method, {}))
        for s in (1, 1, 2)
    )
    assert first.fingerprint() == again.fingerprint()
    assert first.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("method", sorted(TRANSFORMS))
def test_rescaling_the_data_rescales_the_new_series(method):
    real = panel()
    doubled = to_dataset(
        [entry | {"target": 2 * entry["target"].astype(np.float64)} for entry in real]
    )
    base = to_dataset([entry | {"target": entry["target"].astype(np.float64)} for entry in real])
    one, two = (
        augmented_series(d, method, 1.0, SEASON, seed=5, **FASTEST.get(method, {}))
        for d in (base, doubled)
    )
    np.testing.assert_allclose(two.values, 2 * one.values, rtol=1e-9)


@pytest.mark.parametrize("method", sorted(set(TRANSFORMS) - {"block_bootstrap", "mixing"}))
def test_a_missing_step_stays_missing(method):
    real = panel(lengths=(96,))
    made = augmented_series(real, method, 1.0, SEASON, seed=1, **FASTEST.get(method, {}))
    np.testing.assert_array_equal(np.isnan(made.values), np.isnan(real.values))


def test_a_misspelt_setting_of_an_augmentation_is_named():
    with pytest.raises(SettingsError, match="sigm"):
        augmented_series(simulate_series(3, 50), "scaling", 1.0, SEASON, seed=1, sigm=0.1)


def test_a_transform_that_does_not_exist_is_named():
    with pytest.raises(SettingsError, match="Did you mean 'mixing'"):
        Transform("mixin")


def remembering(seen, factor=1.0):
    def function(sources, draw, share=1.0):
        seen.append((sources.season, sources.rows.tolist(), share, draw.random()))
        return factor * sources.values

    return function


def test_a_function_of_ones_own_is_given_season_settings_and_a_stream_of_its_name():
    seen = []
    own = Transform("own", {"share": 0.3}, function=remembering(seen, 2.0))
    made = own.after(REAL, np.array([2, 0]), seed=5)
    np.testing.assert_array_equal(made.series(0), 2 * REAL.series(2))
    Transform("own", season=6, function=remembering(seen)).after(REAL, np.array([2, 0]), seed=5)
    Transform("other", function=remembering(seen)).after(REAL, np.array([2, 0]), seed=5)
    assert [s[:3] for s in seen] == [(24, [2, 0], 0.3), (6, [2, 0], 1.0), (24, [2, 0], 1.0)]
    assert seen[0][3] == seen[1][3] != seen[2][3]


def test_windows_keep_the_season_of_the_operation_or_take_the_one_given():
    seen, windows = [], np.arange(12.0).reshape(2, 6)
    made = make_windows(windows, Transform("own", function=remembering(seen)), season=3, seed=1)
    make_windows(windows, Transform("own", {}, 2, remembering(seen)), season=3, seed=1)
    np.testing.assert_array_equal(made, windows)
    assert [s[0] for s in seen] == [3, 2]


@pytest.mark.parametrize("ratio", [0, -1.0, np.inf, np.nan])
def test_a_ratio_that_is_no_number_above_0_is_refused(ratio):
    with pytest.raises(SettingsError, match=r"ratio=.* is not possible; give a number above 0"):
        make_series(REAL, Transform("jitter"), ratio, seed=1)


def test_protocols_tell_operations_from_others():
    assert isinstance(Transform("jitter"), AlignedOperation)
    function = FunctionOperation(louder, "louder")
    assert isinstance(function, Operation)
    assert not isinstance(function, AlignedOperation)
    assert not isinstance(louder, Operation)
