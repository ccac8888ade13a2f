"""Settings: refusals in one sentence, texts of the command line, and the way through JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.errors import SettingsError
from tsgen.psagan import PSAGANEstimator, PSAGANSettings


@pytest.mark.parametrize("length", [8, 24, 100, 96])
def test_the_paper_needs_a_power_of_two_from_16(length):
    with pytest.raises(SettingsError, match=f"target_length={length}.*power of two from 16"):
        PSAGANSettings(preset="paper", target_length=length)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channels", [8, 8]),
        ("latent_size", 5),
        ("embedding_size", 5),
        ("noise", True),
        ("attention_max_length", 99),
        ("minibatch_deviation", True),
        ("window_scale", False),
    ],
)
def test_the_paper_refuses_parts_that_it_does_not_have(name, value):
    with pytest.raises(SettingsError, match=f"{name} is a setting of preset='default'"):
        PSAGANSettings(**{"preset": "paper", name: value})


def test_the_presets_differ_but_any_setting_of_the_paper_can_be_changed():
    paper = PSAGANSettings(preset="paper")
    assert (paper.loss, paper.moment_weight, paper.r1_weight) == ("lsgan", 1, 0)
    assert (paper.scaling, paper.calendar, paper.age) == ("min-max", "linear", "log")
    assert paper.learning_rate == paper.learning_rate_discriminator == 5e-5
    assert PSAGANSettings(preset="paper", batch_size=128).batch_size == 128


@pytest.mark.parametrize("length", [7, 1025, 0, -3, "long", 12.5])
def test_target_length_is_a_whole_number_from_8_to_1024(length):
    with pytest.raises(SettingsError, match="target_length"):
        PSAGANSettings(target_length=length)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("target_lenght", "target_length"),
        ("batchsize", "batch_size"),
        ("learningrate", "learning_rate"),
    ],
)
def test_a_misspelt_setting_gives_the_nearest(typed, meant):
    with pytest.raises(SettingsError, match=f"no setting '{typed}'. Did you mean '{meant}'"):
        PSAGANEstimator(**{typed: 1})


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"target_length": "abc"}, "target_length='abc' is not possible"),
        ({"loss": "wgan"}, "loss='wgan' is not possible.*'lsgan'"),
        ({"learning_rate": 0}, "learning_rate=0 is not possible"),
        ({"learning_rate": float("nan")}, "learning_rate=nan is not possible"),
        ({"schedule": [1, 2]}, "schedule=.* does not fit target_length=64: give 4 numbers"),
        ({"schedule": [1, 2, 3, 0]}, "the last above 0"),
        ({"num_steps": 2}, "num_steps=2 is too few for 4 stages"),
    ],
)
def test_an_impossible_field_is_one_sentence(field, message):
    with pytest.raises(SettingsError, match=message):
        PSAGANEstimator(**{"target_length": 64} | field)


@given(
    length=st.sampled_from([16, 32, 100]),
    preset=st.sampled_from(["default", "paper"]),
    rate=st.floats(1e-6, 1),
    loss=st.sampled_from(["lsgan", "hinge", "relativistic"]),
)
def test_settings_survive_json(length, preset, rate, loss):
    if preset == "paper" and length == 100:
        length = 64
    settings = PSAGANSettings(preset=preset, target_length=length, learning_rate=rate, loss=loss)
    again = PSAGANSettings(**json.loads(json.dumps(settings.to_json())))
    assert again == settings


def test_settings_are_frozen():
    settings = PSAGANSettings()
    with pytest.raises(Exception, match="frozen"):
        settings.batch_size = 3
