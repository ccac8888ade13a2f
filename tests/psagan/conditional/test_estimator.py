"""Training a PSA-GAN-C: arguments, and what the predictor is made of."""

import copy

import numpy as np
import pytest
from gluonts.model import Estimator

from tsgen.data import simulate_series
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional import estimator as training
from tsgen.training import TrainingOptions


def test_train_refuses_arguments_that_it_would_not_use(panel):
    estimator = PSAGANForecastEstimator(prediction_length=8, num_steps=2)
    with pytest.raises(TypeError, match=r"no argument 'option'. Did you mean 'options'\?"):
        estimator.train(panel, option=TrainingOptions(seed=1))
    with pytest.raises(TypeError, match=r"no argument 'seed'.*TrainingOptions"):
        estimator.train(panel, seed=1)
    moving = [{**e, "feat_dynamic_real": np.zeros((1, len(e["target"])))} for e in panel]
    with pytest.raises(DataError, match="dynamic_features='drop'"):
        estimator.train(moving, dynamic_features="error")
    with pytest.warns(DataWarning):
        estimator.train(moving, dynamic_features="drop", cache_data=True)


def test_the_estimator_is_one_of_gluonts(panel):
    estimator = PSAGANForecastEstimator(prediction_length=5, num_steps=4, batch_size=2)
    assert isinstance(estimator, Estimator)
    assert (estimator.prediction_length, estimator.target_length) == (5, 8)
    assert PSAGANForecastEstimator.from_hyperparameters(prediction_length=5).horizon == 5
    with pytest.warns(DataWarning, match="validation_data"):
        made = estimator.train(list(panel), list(panel))
    assert next(made.predict(panel, num_samples=2)).samples.shape == (2, 5)


def test_the_paper_is_one_setting(panel):
    estimator = PSAGANForecastEstimator(
        preset="paper", prediction_length=24, num_steps=6, batch_size=4
    )
    assert estimator.target_length == 32
    assert not estimator.discriminator_context
    made = estimator.train(panel)
    assert made.settings.context_length == 32
    assert next(made.predict(panel, num_samples=2)).samples.shape == (2, 24)


@pytest.mark.parametrize(("steps", "weight"), [(799, 0.0), (800, 0.05)])
def test_a_whole_series_of_many_frames_weighs_in_their_units(steps, weight):
    """Frames of 40 steps: a window of 8, and 16 on either side."""
    made = PSAGANForecastEstimator(
        prediction_length=8, context_length=16, seasons=(), num_steps=2, batch_size=2
    ).train(simulate_series(3, steps, seed=1), options=TrainingOptions(seed=5, progress=False))
    assert made.settings.series_weight == weight
    assert made.drawing.context.series_weight == weight


def test_the_networks_are_trained_with_contexts_of_the_resolved_settings(panel, monkeypatch):
    seen = []
    fit_networks = training.fit_networks

    def fit(*arguments):
        seen.append(arguments)
        return fit_networks(*arguments)

    monkeypatch.setattr(training, "fit_networks", fit)
    ours = PSAGANForecastEstimator(prediction_length=8, num_steps=2, batch_size=2, gap_share=0.0,
                                   discriminator_context=False)  # fmt: skip
    made = ours.train(panel, options=TrainingOptions(seed=5, progress=False))
    ((settings, data, options, fingerprint),) = seen
    assert settings.seasons == (24, 168)
    assert settings.context_length == 168
    assert (data.context.before, data.context.after) == (168, 0)
    assert data.sizes.context == data.context.sizes(judged=False)
    assert options.seed == made.seed == 5
    assert fingerprint == panel.fingerprint()
    assert made.settings == settings
    assert made.history[-1]["step"] == 2


SMALL = {"prediction_length": 8, "context_length": 8, "num_steps": 3, "batch_size": 4}


def small(**more):
    return PSAGANForecastEstimator(**(SMALL | {"channels": (4,)} | more))


@pytest.fixture(scope="module")
def first(panel):
    return small().train(panel, options=TrainingOptions(seed=1, progress=False))


def test_training_from_a_predictor_adds_series_and_keeps_the_others(first, panel):
    table = panel.to_frame()
    table = table[table["item_id"] == panel.item_ids[0]].assign(item_id="new")
    tuned = small(num_steps=5, learning_rate=0.01).train_from(
        first, table, options=TrainingOptions(seed=2, progress=False)
    )
    assert tuned.table.item_ids == (*first.table.item_ids, "new")
    assert tuned.plan["schedule"] == (0, 5) or list(tuned.plan["schedule"])[-1] == 5
    assert tuned.settings.learning_rate == 0.01
    assert next(tuned.predict(table, num_samples=2)).samples.shape == (2, 8)


def test_no_step_from_a_predictor_leaves_the_generator_where_it_was(first, panel):
    tuned = small(learning_rate=1e-12, learning_rate_discriminator=1e-12).train_from(
        first, panel, options=TrainingOptions(seed=2, progress=False)
    )
    one, other = (next(p.predict(panel, 4, seed=3)).samples for p in (first, tuned))
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-4)


def test_training_goes_on_with_the_units_of_the_predictor(first, panel):
    first = copy.copy(first)
    first.settings = first.settings.model_copy(update={"series_weight": 0.05})
    options = TrainingOptions(seed=2, progress=False)
    assert small().train_from(first, panel, options=options).settings.series_weight == 0.05
    with pytest.raises(SettingsError, match=r"series_weight=0.0 makes other networks"):
        small(series_weight=0.0).train_from(first, panel)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"context_length": 16}, "context_length=16 makes other networks .* context_length=8"),
        ({"channels": (6,)}, r"channels=.* makes other networks"),
        ({"gap_share": 0.0}, r"gap_share=0.0 makes other networks .* gap_share=0.3"),
        ({"preset": "paper", "target_length": 16}, "preset='paper' makes other networks"),
    ],
)
def test_other_networks_cannot_go_on(first, panel, change, told):
    given = {k: v for k, v in SMALL.items() if "preset" not in change or k != "channels"}
    made = (
        PSAGANForecastEstimator(**({"channels": (4,)} | given | change))
        if "preset" not in change
        else PSAGANForecastEstimator(**(given | change))
    )
    with pytest.raises(SettingsError, match=told):
        made.train_from(first, panel)


def test_only_a_predictor_of_its_kind_is_gone_on_from(panel):
    with pytest.raises(SettingsError, match="not from a str"):
        small().train_from("model", panel)
