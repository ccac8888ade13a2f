"""A fitted encoder: alone, in scikit-learn, saved."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import tsgen
from tsgen import TrainingOptions
from tsgen.errors import DataError, SettingsError
from tsgen.features import TabularEncoderEstimator

QUIET = TrainingOptions(seed=3, progress=False)


def items(rows=200):
    random = np.random.default_rng(0)
    kind = random.integers(0, 2, rows)
    return pd.DataFrame({
        "kind": np.array(["tea", "mug"])[kind],
        "maker": random.choice(["x", "y", None], rows),
        "price": np.where(random.random(rows) < 0.1, np.nan, kind + random.normal(size=rows)),
        "title": [f"{w} {k}" for w, k in zip(np.array(["green", "blue"])[kind],
                                            random.integers(0, 99, rows), strict=True)],
    })  # fmt: skip


@pytest.fixture(scope="module")
def encoder():
    estimator = TabularEncoderEstimator(width=16, num_layers=1, num_steps=20, text_rank=3)
    return estimator.train(items(), options=QUIET)


def test_rows_have_names_and_no_gaps(encoder):
    found = encoder.transform(items())
    names = encoder.get_feature_names_out()
    assert found.shape == (200, len(names)) == (200, 2 * 16 + 2 + 3)
    assert np.isfinite(found).all()
    assert found[:, names == "price missing"].sum() == items()["price"].isna().sum()


def test_the_numbers_go_beside_standardised(encoder):
    price = items()["price"]
    column = encoder.transform(items())[:, encoder.get_feature_names_out() == "price"].ravel()
    expected = (price - price.mean()) / price.std(ddof=0)
    np.testing.assert_allclose(column, expected.fillna(0), rtol=1e-5, atol=1e-6)


def test_new_and_missing_values_are_taken_at_scoring_time(encoder):
    new = items(3).assign(kind=["pot", None, "tea"], title=["", "zebra", "green 1"])
    found = encoder.transform(new)
    assert np.isfinite(found).all()
    assert not np.allclose(found[0, :32], found[1, :32])
    with pytest.raises(DataError, match="no column 'maker'"):
        encoder.transform(new.drop(columns="maker"))
    with pytest.raises(DataError, match="'price' holds numbers"):
        encoder.transform(new.assign(price="dear"))


def test_a_classifier_of_scikit_learn_takes_it(encoder):
    table = items()
    pipeline = make_pipeline(encoder, LogisticRegression(max_iter=1000))
    assert pipeline.fit(table, table["kind"] == "tea").score(table, table["kind"] == "tea") > 0.99
    beside = ColumnTransformer([("encoded", encoder, list(table.columns))])
    np.testing.assert_array_equal(beside.fit_transform(table), encoder.transform(table))
    search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1.0]}, cv=2)
    assert search.fit(table, table["kind"] == "tea").best_score_ > 0.99
    with pytest.raises(SettingsError, match="no parameter 'width'"):
        encoder.set_params(width=3)
    with pytest.raises(DataError, match="give a data frame with the columns of training"):
        encoder.transform(table.to_numpy())


def test_a_saved_encoder_is_the_same(encoder, tmp_path):
    encoder.save(tmp_path / "e")
    again = tsgen.load(tmp_path / "e", device="cpu")
    np.testing.assert_array_equal(again.transform(items()), encoder.transform(items()))
    assert repr(again) == repr(encoder)
    assert again.history == encoder.history
