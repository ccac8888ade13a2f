"""Settings of PSA-GAN-C: what follows from what, and what cannot be."""

import pytest

from tsgen.errors import SettingsError
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.psagan.conditional_settings import PSAGANContextSettings


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prediction_length": 0}, "prediction_length"),
        ({"seasons": (1,)}, "2 steps or more"),
        ({"preset": "paper", "prediction_length": 24, "gap_share": 0.5}, "paper has no such part"),
        ({"statics": "encoder"}, "PSA-GAN-C embeds static categories"),
        ({"prediction_lenght": 24}, "prediction_length"),
    ],
)
def test_impossible_settings(fields, message):
    with pytest.raises(SettingsError, match=message):
        PSAGANForecastEstimator(**fields)


@pytest.mark.parametrize(
    ("horizon", "window", "paper"), [(5, 8, 16), (24, 24, 32), (32, 32, 32), (100, 64, 64)]
)
def test_windows_are_as_long_as_forecasts_or_the_papers_next_power_of_two(horizon, window, paper):
    assert PSAGANContextSettings(prediction_length=horizon).target_length == window
    published = PSAGANContextSettings(prediction_length=horizon, preset="paper")
    assert published.target_length == paper
    assert PSAGANContextSettings(prediction_length=horizon, target_length=20).target_length == 20
    assert PSAGANContextSettings(prediction_length=horizon).horizon == horizon
    assert PSAGANContextSettings(target_length=20).horizon == 20


def test_the_paper_is_one_setting_and_each_of_its_values_can_be_changed():
    paper = PSAGANContextSettings(preset="paper", target_length=32)
    assert (paper.gap_share, paper.step_weight) == (0, 0)
    assert not paper.frame_scale
    assert not paper.discriminator_context
    assert PSAGANContextSettings(preset="paper", target_length=32, frame_scale=True).frame_scale


class Cycles:
    """A calendar with these cycles, in steps."""

    cycles = (24, 168, 8766)


@pytest.mark.parametrize(
    ("fields", "seasons", "context"),
    [
        ({}, (24, 168), 168),
        ({"target_length": 100}, (24, 168), 200),
        ({"context_length": 100}, (24,), 100),
        ({"seasons": (12, 300)}, (12, 300), 300),
        ({"seasons": ()}, (), 128),
        ({"preset": "paper"}, (), 64),
        ({"preset": "paper", "target_length": 32}, (), 32),
    ],
)
def test_seasons_and_context_follow_from_calendar_and_window(fields, seasons, context):
    resolved = PSAGANContextSettings(**fields).resolved(Cycles())
    assert (resolved.seasons, resolved.context_length) == (seasons, context)


@pytest.mark.parametrize(("share", "after"), [(0.0, 0), (0.5, 40)])
def test_only_who_fills_gaps_looks_behind_the_window(share, after):
    settings = PSAGANContextSettings(
        target_length=16, context_length=40, gap_share=share, seasons=(24,), frame_scale=False
    )
    context = settings.window_context()
    assert (context.before, context.after) == (40, after)
    assert context.lengths == settings.lengths
    assert context.seasons == (24,)
    assert context.rescale is False


@pytest.mark.parametrize(
    ("fields", "steps", "weight"),
    [
        ({}, 20 * 80 - 1, 0.0),
        ({}, 20 * 80, 0.05),
        ({"gap_share": 0.0}, 20 * 48, 0.05),
        ({"series_weight": 0.3}, 100, 0.3),
        ({"series_weight": 0.0}, 10**6, 0.0),
    ],
)
def test_only_a_series_of_many_frames_weighs_in_the_units_of_each(fields, steps, weight):
    settings = PSAGANContextSettings(target_length=16, seasons=(), **fields)
    found = settings.resolved(Cycles(), steps)
    assert found.context_length == 32
    assert found.series_weight == weight
    assert found.window_context().series_weight == weight


def test_a_model_of_an_earlier_version_keeps_the_weight_it_was_trained_with():
    written = PSAGANContextSettings(target_length=16, series_weight=0.0).to_json()
    assert PSAGANContextSettings.restored(written).series_weight == 0
    del written["series_weight"]
    assert PSAGANContextSettings.restored(written).series_weight == 0.05
