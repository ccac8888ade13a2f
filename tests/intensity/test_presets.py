import pytest

from tsgen.intensity.presets import PRESETS
from tsgen.intensity.settings import RIMSettings


def test_the_fifteen_models_of_the_published_comparison_are_there():
    alone = ["rand", "pop", "ema", "hawkes", "hp", "rnn", "transformer"]
    both = [f"{n}-{a}" for n in ("rnn", "transformer") for a in ("pop", "ema", "hawkes", "hp")]
    assert sorted(PRESETS) == sorted(alone + both)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_chooses_by_itself_and_knows_nothing_of_pairs(name):
    """What is chosen by past horizons is ours, not the paper's."""
    settings = RIMSettings(preset=name)
    assert settings.repeats == "none"
    assert "auto" not in (settings.activity, settings.relevance)
    assert settings.scale_support == 0
    assert settings.fading is None
    if "-" in name:
        network, activity = name.split("-")
        assert settings.relevance == RIMSettings(preset=network).relevance
        assert settings.activity == RIMSettings(preset=activity).activity
