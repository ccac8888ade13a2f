"""What a model knows of features: scales by column, channels, and which are lacking."""

import numpy as np
import pytest

from tsgen.data.series import DynamicFeatures, default_names
from tsgen.errors import DataError, DataWarning
from tsgen.psagan.memory import DynamicFacts

OFFSETS = np.array([0, 3, 5])


def features(real=((1.0, 2.0, 3.0, np.nan, 6.0),), cat=((0, 1, 0, 1, 1),), **more):
    names = {"real_names": ("price",), "cat_names": ("kind",), "cat_categories": (("x", "y"),)}
    return DynamicFeatures(OFFSETS, np.array(real), np.array(cat), **(names | more))


@pytest.fixture(scope="module")
def facts():
    return DynamicFacts.of(features())


def test_numbers_are_scaled_by_column_and_categories_are_channels(facts):
    channels = facts.channels(features())
    known = np.array([1.0, 2.0, 3.0, 6.0])
    scaled = (known - known.mean()) / known.std()
    assert channels.shape == (facts.num_channels, 5) == (4, 5)
    assert np.allclose(channels[0], [*scaled[:3], 0, scaled[3]])
    assert channels[1].tolist() == [1, 1, 1, 0, 1]
    assert channels[2].tolist() == [1, 0, 1, 0, 0]
    assert channels[3].tolist() == [0, 1, 0, 1, 1]


def test_what_is_known_ahead_comes_first():
    past = features(past=np.ones((1, 5)), past_names=("rain",))
    facts = DynamicFacts.of(past)
    assert facts.names == ("price", "kind", "rain")
    assert (facts.num_channels, facts.num_ahead) == (6, 4)


def test_facts_survive_json(facts):
    again = DynamicFacts.from_json(facts.to_json())
    assert np.array_equal(again.channels(features()), facts.channels(features()))


def test_features_are_taken_in_the_models_order_and_codes(facts):
    other = features(cat=((1, 0, 1, 0, 0),), cat_categories=(("y", "x"),))
    assert np.array_equal(facts.channels(facts.aligned(other)), facts.channels(features()))


def test_features_of_entries_are_taken_by_their_place(facts):
    plain = features().renamed(default_names("real", 1), default_names("cat", 1), ())
    plain = plain.with_facts(plain.to_json() | {"cat_categories": [[0, 1]]})
    assert np.array_equal(facts.channels(facts.aligned(plain)), facts.channels(features()))


def test_of_entries_that_lack_one_field_the_others_are_known():
    facts = DynamicFacts.of(features(past=np.ones((1, 5)), past_names=("rain",)))
    plain = {"real_names": (), "cat_names": default_names("cat", 1)}
    plain |= {"past_names": default_names("past", 1), "cat_categories": ((0, 1),)}
    entries = features(real=np.zeros((0, 5)), past=np.ones((1, 5)), **plain)
    with pytest.raises(DataError, match="price, kind, rain; price is lacking here"):
        facts.aligned(entries)
    found = facts.aligned(entries, supplied=["price"])
    assert (found.columns()["kind"] == list("xyxyy")).all()
    assert (found.past == 1).all()


def test_examples_are_values_of_training():
    facts = DynamicFacts.of(features(past=np.ones((1, 5)), past_names=("rain",)))
    assert facts.example(["kind", "price"]) == {"kind": "x", "price": 1.0}
    assert facts.example(["rain"]) == {"rain": 1.0}


def test_a_lacking_feature_is_named_and_an_unknown_one_said(facts):
    half = DynamicFeatures(OFFSETS, np.ones((1, 5)), real_names=("price",))
    with pytest.raises(DataError, match="features price, kind; kind is lacking"):
        facts.aligned(half)
    assert facts.aligned(half, supplied=("kind",)).cat.tolist() == [[-1] * 5]
    more = features(real=np.ones((2, 5)), real_names=("price", "rain"))
    with pytest.warns(DataWarning, match="trained without rain"):
        facts.aligned(more)


def test_unknown_categories_count_as_unknown_and_are_said(facts):
    odd = features(cat_categories=(("x", "w"),))
    with pytest.warns(DataWarning, match=r"'w'.*at 3 steps"):
        aligned = facts.aligned(odd)
    assert facts.channels(aligned)[2:].sum(axis=0).tolist() == [1, 0, 1, 0, 0]
    assert aligned.columns()["kind"].tolist() == ["x", "w", "x", "w", "w"]


def test_a_feature_without_a_value_is_refused():
    with pytest.raises(DataError, match="'price' has no value at all"):
        DynamicFacts.of(features(real=np.full((1, 5), np.nan)))
