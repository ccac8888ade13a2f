"""One rule of randomness: a draw is told by seed, item_id, start, length and its number alone."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from gluonts.model.predictor import Localizer, ParallelizedPredictor

from tsgen.psagan import PSAGANForecastEstimator, augment


@pytest.fixture(scope="module")
def short(panel):
    """The series' first 60 steps."""
    return panel.cut(np.arange(8), np.zeros(8, np.int64), np.full(8, 60))


def by_id(dataset):
    return {item_id: dataset.series(i) for i, item_id in enumerate(dataset.item_ids)}


def assert_within(part, whole):
    """Every series of `part` is in `whole`, to the last bit."""
    drawn = by_id(whole)
    for item_id, values in by_id(part).items():
        np.testing.assert_array_equal(values, drawn[item_id])


def samples(predictor, entries, num_samples=3, seed=3):
    made = predictor.predict(entries, num_samples=num_samples, seed=seed)
    return np.stack([one.samples for one in made])


def correlation(one, other):
    """Correlation of the noise of paths (S, steps) of two items."""
    residuals = [(paths - paths.mean(axis=0)).ravel() for paths in (one, other)]
    return np.corrcoef(residuals)[0, 1]


def gaps(panel):
    values = panel.values.copy()
    values[panel.offsets[:-1, None] + np.arange(50, 90)] = np.nan
    return replace(panel, values=values)


# ---- samples ------------------------------------------------------------------------------------

ASKED = [{"length": 10}, {"length": 24, "start": "2024-01-02"}, {"length": 70}]


@pytest.mark.parametrize("asked", ASKED)
def test_the_first_samples_of_more_are_those_of_fewer(model, panel, asked):
    for chosen in ({}, {"items": ["series-2", "series-5"]}, {"like": panel.subset([3, 1])}):
        draw = partial(model.sample, seed=1, **chosen, **asked)
        assert_within(draw(2), draw(40))


def test_order_and_chunks_of_samples_change_nothing(model, short):
    whole = model.sample(3, like=short, length="like", seed=1)
    backwards = model.sample(3, like=short.subset(np.arange(8)[::-1]), length="like", seed=1)
    assert_within(whole, backwards)
    for i in range(8):
        assert_within(model.sample(3, like=short.subset([i]), length="like", seed=1), whole)
    one, two = (model.sample(2, items=i, seed=1) for i in (["series-3"], ["series-0", "series-3"]))
    assert_within(one, two)
    assert one.starts.tolist() == two.starts[2:].tolist()


def test_batches_of_samples_change_nothing(model, panel, monkeypatch):
    whole = model.sample(5, like=panel, length=40, seed=1)
    monkeypatch.setattr("tsgen.psagan.sampling.drawing._BATCH", 7)
    assert_within(whole, model.sample(5, like=panel, length=40, seed=1))


def test_one_series_asked_for_twice_is_drawn_twice(model, panel):
    rows = np.array([2, 2, 2])
    starts, lengths = panel.starts[rows], np.full(3, 24)
    drawn = model.sample_after(panel, rows, starts, lengths, seed=1).values.reshape(3, 24)
    assert len(np.unique(drawn, axis=0)) == 3


def test_samples_of_different_items_are_independent(model):
    one, other = (
        model.sample(300, items=[item], start="2024-01-02", seed=1).values.reshape(300, 24)
        for item in ("series-1", "series-2")
    )
    assert abs(correlation(one, other)) < 0.2


# ---- augmentation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "length", ["like", pytest.param("window", marks=pytest.mark.filterwarnings("ignore"))]
)
def test_more_augmentation_begins_with_the_less_in_any_order(model, short, length):
    add = partial(augment, synthesizer=model, length=length, seed=1)
    half, more = add(short, ratio=0.5), add(short, ratio=2.0)
    assert more.item_ids[: len(half)] == half.item_ids
    assert_within(half, more)
    backwards = add(short.subset(np.arange(8)[::-1]), ratio=0.5)
    assert backwards.item_ids[8:] == half.item_ids[8:]
    assert_within(half, backwards)


def test_augmenting_twice_by_half_is_augmenting_once(model, short):
    add = partial(augment, synthesizer=model, seed=1)
    twice, once = add(add(short, ratio=0.5), ratio=0.5), add(short, ratio=1.0)
    assert sorted(twice.item_ids) == sorted(once.item_ids)
    assert_within(twice, once)


# ---- forecasts ----------------------------------------------------------------------------------


def test_order_chunks_and_batches_of_forecasts_change_nothing(predictor, panel, monkeypatch):
    entries = list(panel)
    whole = samples(predictor, entries)
    np.testing.assert_array_equal(samples(predictor, entries[::-1])[::-1], whole)
    np.testing.assert_array_equal([samples(predictor, [e])[0] for e in entries], whole)
    np.testing.assert_array_equal(samples(predictor, entries, num_samples=10)[:, :3], whole)
    monkeypatch.setattr("tsgen.psagan.conditional.predictor._PATHS", 7)
    monkeypatch.setattr("tsgen.psagan.conditional.drawing._BATCH", 5)
    np.testing.assert_array_equal(samples(predictor, entries), whole)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_forecasts_of_different_items_are_independent_in_any_serving_loop(predictor, panel):
    entry = next(iter(panel))
    one, other = ({**entry, "item_id": name} for name in ("a", "b"))
    apart = [samples(predictor, [e], 400)[0] for e in (one, other)]
    assert abs(correlation(*apart)) < 0.2
    np.testing.assert_array_equal(samples(predictor, [one, other], 400), apart)
    bare = {k: v for k, v in entry.items() if k != "item_id"}
    moved = bare | {"target": bare["target"] * 2}
    assert abs(correlation(*samples(predictor, [bare, moved], 400))) < 0.2


def test_workers_change_nothing(predictor, panel):
    entries = list(panel)[:3]
    parallel = ParallelizedPredictor(predictor, num_workers=2, chunk_size=1)
    np.testing.assert_array_equal(samples(parallel, entries), samples(predictor, entries))
    seeded = ParallelizedPredictor(predictor.with_seed(3), num_workers=2, chunk_size=2)
    drawn = np.stack([one.samples for one in seeded.predict(entries, num_samples=3)])
    np.testing.assert_array_equal(drawn, samples(predictor, entries))


def test_a_model_of_each_series_draws_for_it_alone(panel):
    entry = next(iter(panel))
    estimator = PSAGANForecastEstimator(prediction_length=8, num_steps=4, batch_size=4)
    entries = [{**entry, "item_id": name} for name in ("a", "b")]
    one, other = samples(Localizer(estimator), entries, num_samples=400)
    assert abs(correlation(one, other)) < 0.2


# ---- gaps ---------------------------------------------------------------------------------------


def test_order_chunks_and_batches_of_gaps_change_nothing(predictor, panel, monkeypatch):
    holed = gaps(panel)
    whole = predictor.impute(holed, 3, seed=4)
    assert_within(predictor.impute(holed.subset([6, 2]), 3, seed=4), whole)
    assert_within(predictor.impute(holed, 2, seed=4), whole)
    monkeypatch.setattr("tsgen.psagan.conditional.imputation._VALUES", 1000)
    monkeypatch.setattr("tsgen.psagan.conditional.drawing._BATCH", 5)
    assert_within(predictor.impute(holed, 3, seed=4), whole)


def test_without_a_seed_gaps_are_filled_anew_and_say_how(predictor, panel):
    holed = gaps(panel.subset([0]))
    one, other = predictor.impute(holed), predictor.impute(holed)
    assert not np.array_equal(one.values, other.values)
    assert_within(one, predictor.impute(holed, seed=one.info[0]["seed"]))
