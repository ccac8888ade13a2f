"""Series of a kind: of the static categories asked for."""

import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, SettingsError, UnknownIdError
from tsgen.psagan import PSAGANEstimator
from tsgen.training import TrainingOptions


@pytest.fixture(scope="module")
def data(shop):
    table = shop().assign(size=lambda t: 1 + (t["item_id"] == "s0"))
    return to_dataset(table, static=["store", "size"])


@pytest.fixture(scope="module")
def model(data):
    estimator = PSAGANEstimator(target_length=8, num_steps=4, batch_size=4, channels=(4,))
    return estimator.train(data, options=TrainingOptions(seed=1, progress=False))


def test_series_of_a_kind_are_drawn(model):
    drawn = model.sample(20, static={"store": "B"}, seed=1)
    assert {facts["source_item_id"] for facts in drawn.info} == {"s1", "s3", "s5"}


def test_an_unknown_kind_is_refused(model, data):
    with pytest.raises(UnknownIdError, match=r"store='C'.*knows 2: A, B"):
        model.sample(2, static={"store": "C"})
    with pytest.raises(SettingsError, match="'shop', which the model does not know"):
        model.sample(2, static={"shop": "A"})
    with pytest.raises(DataError, match="No series that the model learnt has store=B, size=2"):
        model.sample(2, static={"store": "B", "size": 2})
    with pytest.raises(SettingsError, match="either static or like"):
        model.sample(2, static={"store": "A"}, like=data)


def test_a_category_may_be_given_as_its_text(model):
    drawn = model.sample(5, static={"size": "2"}, seed=1)
    assert {facts["source_item_id"] for facts in drawn.info} == {"s0"}
