"""Activity models and forecasters in one table: counts that are known, and who is judged."""

import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.studies.protocols.forecasters import forecasters
from tsgen.evaluation.studies.sources import StudySources

STUDY = {
    "data": "shop", "freq": "D", "prediction_length": 4, "horizon": "4D",
    "windows": {"validation": "2024-02-20", "test": "2024-02-24"},
    "settings": {"relevance": "popularity", "repeats": "none"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Ten users who each buy one item every other day, and returns, which do not count."""
    folder = tmp_path_factory.mktemp("data")
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    rows = [
        {"user_id": f"u{u}", "item_id": f"i{u % 3}", "timestamp": day, "value": 1.0}
        for k, day in enumerate(days)
        for u in range(10)
        if (k + u) % 2 == 0
    ]
    rows += [{"user_id": "u0", "item_id": "i0", "timestamp": days[3], "value": -5.0}]
    pd.DataFrame(rows).to_parquet(folder / "shop.parquet")
    return StudySources(folder, folder)


@pytest.fixture(scope="module")
def found(sources):
    arms = {
        "naive": {"forecaster": "seasonal_naive", "season": 2},
        "own": {"activity": "popularity"},
    }
    return {name: forecasters(STUDY, arm, 1, sources)["measures"] for name, arm in arms.items()}


def test_a_forecaster_that_knows_the_rhythm_makes_no_error(found):
    for window in STUDY["windows"]:
        for metric in ("mean_wql", "tail_wql", "nrmse"):
            assert found["naive"][f"{metric}.{window}"]["value"] == pytest.approx(0.0, abs=1e-4)
        assert found["naive"][f"expected_over_happened.{window}"]["value"] == pytest.approx(1.0)


def test_every_arm_has_the_same_measures_and_the_own_model_is_judged_as_a_predictor(found):
    assert set(found["naive"]) == set(found["own"])
    assert found["own"]["mean_wql.test"]["value"] > 0.1  # it spreads events over all days
    ratio = found["own"]["expected_over_happened.test"]["value"]
    assert ratio == pytest.approx(1.0, abs=0.2)
    assert 0 <= found["own"]["user_rec_precision.test"]["value"] <= 1
    assert np.isfinite([row["value"] for row in found["own"].values()]).all()
