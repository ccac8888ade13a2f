"""Entries drawn anew at every pass: by seed, by schedule, and in GluonTS's own loaders."""

from itertools import islice

import numpy as np
import pytest

from forecast_doubles import Doubling
from tsgen.curation import Draws, OnlineAugmentation, SynthesizerTraining
from tsgen.data import simulate_series
from tsgen.errors import DataError, SettingsError

REAL = simulate_series(num_series=6, length=72, seed=1)


def synthetic(entries):
    return [entry["target"].tobytes() for entry in entries if entry["info"]["synthetic"]]


def test_every_pass_has_all_real_entries_and_fresh_synthetic_ones():
    online = OnlineAugmentation(REAL, {"mixing": 1.0, "jitter": 0.5}, seed=3)
    passes = [list(online) for _ in range(4)]
    for entries in passes:
        assert len(entries) == len(online) == 15
        real = {e["item_id"] for e in entries if not e["info"]["synthetic"]}
        assert real == set(REAL.item_ids)
    made = [target for entries in passes for target in synthetic(entries)]
    assert len(set(made)) == len(made) == 36
    assert online.repeats == 0
    assert len({tuple(e["item_id"] for e in entries) for entries in passes}) == 4  # shuffled


def test_a_pass_depends_on_the_seed_and_its_number_alone():
    one, two = (OnlineAugmentation(REAL, {"scaling": 1.0}, seed=3) for _ in range(2))
    list(islice(iter(one), 2))  # a reader that left in the middle
    first = [synthetic(list(two)) for _ in range(2)][1]
    assert synthetic(list(one)) == first
    one.restart()
    two.restart()
    assert synthetic(list(one)) == synthetic(list(two))
    other = OnlineAugmentation(REAL, {"scaling": 1.0}, seed=4)
    assert synthetic(list(other)) != synthetic(list(OnlineAugmentation(
        REAL, {"scaling": 1.0}, seed=3)))  # fmt: skip


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [6, 6, 6, 6, 6]),
        ("linear", [6, 4, 3, 2, 0]),
        ("cosine", [6, 5, 3, 1, 0]),
        (lambda done: float(done < 0.4), [6, 6, 0, 0, 0]),
    ],
)
def test_a_schedule_anneals_to_real_alone(schedule, expected):
    online = OnlineAugmentation(REAL, {"jitter": 1.0}, schedule, num_passes=4, seed=1)
    assert [len(synthetic(list(online))) for _ in range(5)] == expected


def test_repeats_are_counted():
    online = OnlineAugmentation(REAL, {"jitter": 1.0}, repeat=4, seed=1)
    passes = [synthetic(list(online)) for _ in range(8)]
    assert sorted(passes[0]) == sorted(passes[3]) != sorted(passes[4])
    assert online.repeats == pytest.approx(0.75)
    models = OnlineAugmentation(REAL, {Draws(Doubling(), "d"): 1.0}, seed=1)
    for _ in range(100):
        list(models)
    assert models.repeats == pytest.approx(0.99)


def test_the_stream_goes_on_without_end():
    online = OnlineAugmentation(REAL, {"jitter": 1.0}, seed=1)
    assert len(list(islice(online.stream(), 50))) == 50
    assert online.passes == 5


def test_gluonts_trains_on_it_for_several_epochs_with_a_validation_split(tmp_path):
    from gluonts.dataset.split import split
    from gluonts.torch import SimpleFeedForwardEstimator

    from tsgen.curation import seeded

    online = OnlineAugmentation(REAL, {"mixing": 1.0}, "linear", num_passes=20, seed=3)
    training, _ = split(online, offset=-12)
    quiet = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False}
    quiet["default_root_dir"] = str(tmp_path)
    with seeded(1, "online"):
        estimator = SimpleFeedForwardEstimator(
            12, num_batches_per_epoch=4, batch_size=16, trainer_kwargs=quiet | {"max_epochs": 3}
        )
        predictor = estimator.train(training, list(REAL))
        made = list(predictor.predict(list(REAL)))
    assert np.isfinite(made[0].quantile(0.5)).all()
    assert online.passes > 10


@pytest.mark.parametrize(
    ("ratios", "options", "message"),
    [
        ({"jitter": 0.0}, {}, r"ratio 0\.0 of jitter"),
        ({"jiter": 1.0}, {}, "Did you mean 'jitter'"),
        ({"jitter": 1.0}, {"schedule": "linear"}, "needs num_passes"),
        ({"jitter": 1.0}, {"schedule": "step"}, "schedule='step'"),
        ({"jitter": 1.0}, {"repeat": 0}, "repeat=0"),
        ({SynthesizerTraining(Doubling(), "d"): 1.0}, {}, "'d' is yet to be trained"),
    ],
)
def test_impossible_settings_are_named(ratios, options, message):
    with pytest.raises(SettingsError, match=message):
        OnlineAugmentation(REAL, ratios, **options)


def test_synthetic_series_are_refused():
    from tsgen.curation import Transform, make_series

    with pytest.raises(DataError, match="6 of 6 series are synthetic already"):
        OnlineAugmentation(make_series(REAL, Transform("jitter"), seed=1), {"jitter": 1.0})
