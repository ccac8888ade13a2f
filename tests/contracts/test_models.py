"""Models by name: registered ones are imported when asked for, unknown ones are told."""

import pytest

from tsgen import contracts
from tsgen.contracts import audience_estimator, synthesizer_factory
from tsgen.errors import SettingsError


def test_the_names_lead_to_the_classes_of_their_rooms():
    from tsgen.intensity import RIMEstimator
    from tsgen.psagan import PSAGANEstimator, PSAGANForecastEstimator

    assert synthesizer_factory("psa-gan") is PSAGANEstimator
    assert synthesizer_factory("psa-gan-c") is PSAGANForecastEstimator
    assert audience_estimator("rim") is RIMEstimator


def test_a_registered_class_is_given_as_it_is(monkeypatch):
    monkeypatch.setitem(contracts.SYNTHESIZERS, "mine", dict)
    monkeypatch.setitem(contracts.AUDIENCE_ESTIMATORS, "mine", "collections:Counter")
    from collections import Counter

    assert synthesizer_factory("mine") is dict
    assert audience_estimator("mine") is Counter


def test_an_unknown_name_is_told_with_the_nearest_and_all():
    with pytest.raises(
        SettingsError,
        match=r"no synthesizer 'psagan'\. Did you mean 'psa-gan'\? There are psa-gan, psa-gan-c\.",
    ):
        synthesizer_factory("psagan")
    with pytest.raises(SettingsError, match=r"no audience estimator 'x'\. There are rim\."):
        audience_estimator("x")
