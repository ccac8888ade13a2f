"""The file of features: what is written comes back."""

import numpy as np

from tsgen.data.series import DynamicFeatures
from tsgen.psagan.feature_file import read_features, write_features


def test_features_come_back_as_they_were(tmp_path):
    features = DynamicFeatures(
        np.array([0, 2, 5]),
        np.array([[1.5, np.nan, 2.0, 3.0, 4.0]]),
        np.array([[0, 1, 1, 2, 0]]),
        np.array([[1.0, 2.0, 3.0, np.nan, np.nan]]),
        ("price",),
        ("kind",),
        ("rain",),
        (("x", "y", None),),
    )
    write_features(features, tmp_path / "dynamic.parquet")
    assert read_features(tmp_path, features.to_json()).digest() == features.digest()
