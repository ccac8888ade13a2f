"""Training an encoder of tables."""

import numpy as np
import pandas as pd
import pytest

from tsgen import TrainingOptions
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.features import TabularEncoderEstimator

QUIET = TrainingOptions(seed=3, progress=False)
SMALL = {"width": 16, "num_layers": 1, "num_heads": 2, "batch_size": 64}


def users(rows=300, seed=0):
    random = np.random.default_rng(seed)
    taste = random.integers(0, 2, rows)
    columns = {f"c{k}": np.where(random.random(rows) < 0.8, taste, 1 - taste) for k in range(3)}
    return pd.DataFrame(columns).astype(str).assign(age=random.normal(size=rows))


@pytest.mark.parametrize("objective", ["rtd", "mlm"])
def test_the_loss_falls_and_a_seed_decides(objective):
    estimator = TabularEncoderEstimator(objective=objective, num_steps=75, **SMALL)
    first, again = (estimator.train(users(), options=QUIET) for _ in range(2))
    losses = [row["loss"] for row in first.history]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(first.transform(users()), again.transform(users()))
    other = estimator.train(users(), options=TrainingOptions(seed=4, progress=False))
    assert not np.allclose(other.transform(users()), first.transform(users()))


def test_without_an_objective_weights_are_as_drawn():
    encoder = TabularEncoderEstimator(objective=None, **SMALL).train(users(), options=QUIET)
    assert encoder.history == []
    assert encoder.transform(users()).shape == (300, 3 * 16 + 2)


def test_impossible_tables_and_settings_are_refused():
    with pytest.raises(SettingsError, match="width=10 cannot be shared by num_heads=4"):
        TabularEncoderEstimator(width=10).train(users(), options=QUIET)
    with pytest.raises(DataError, match="has 1 rows"):
        TabularEncoderEstimator().train(users(1), options=QUIET)
    with pytest.raises(DataError, match="No column of the table tells"):
        TabularEncoderEstimator().train(pd.DataFrame({"a": ["x", "x"]}), options=QUIET)


def test_columns_that_tell_nothing_are_said_and_left_out():
    table = users().assign(shop="x", rent=np.nan)
    with pytest.warns(DataWarning, match="tell nothing and are left out: shop, rent"):
        encoder = TabularEncoderEstimator(num_steps=2).train(table, options=QUIET)
    assert encoder.schema.silent == ("shop", "rent")
