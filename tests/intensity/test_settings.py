import pytest

from tsgen import RIMEstimator
from tsgen.errors import SettingsError
from tsgen.intensity.presets import PRESETS


def test_relevance_is_a_known_name_or_has_fit():
    with pytest.raises(SettingsError, match="'gruu' is not possible\\. Did you mean 'gru'"):
        RIMEstimator(relevance="gruu")
    with pytest.raises(SettingsError, match="or an object with the method `fit`"):
        RIMEstimator(relevance=3)


def test_presets_are_the_published_combinations():
    names = {
        f"{m}{s}" for m in ("rnn", "transformer") for s in ("", "-pop", "-ema", "-hawkes", "-hp")
    }
    assert names | {"rand", "pop", "ema", "hawkes", "hp"} == set(PRESETS)
    assert all(f'"{name}"' in RIMEstimator.__mro__[1].__doc__ for name in PRESETS)
    chosen = RIMEstimator(preset="transformer-hp", horizon="3D", num_decays=7)
    assert (chosen.relevance, chosen.activity) == ("transformer", "hawkes-poisson")
    assert (chosen.horizon, chosen.num_decays, chosen.repeats) == ("3D", 7, "none")
    assert RIMEstimator(**chosen.to_json()) == chosen
    typed = RIMEstimator(preset="rnn", network={"hidden_size": 8, "learning_rate": 0.01})
    published = RIMEstimator(preset="rnn").network
    assert typed.network == published.model_copy(update={"hidden_size": 8, "learning_rate": 0.01})
    with pytest.raises(
        SettingsError, match=r"no setting 'hidden_sise'\. Did you mean 'hidden_size'\?$"
    ):
        RIMEstimator(network={"hidden_sise": 8})
    with pytest.raises(SettingsError, match="Did you mean 'rnn-hp'"):
        RIMEstimator(preset="rnn-hpp")
