import numpy as np
import pytest
from gluonts.model import Predictor, QuantileForecast

from daily_shop import shop
from tsgen import RIMEstimator
from tsgen.errors import DataError
from tsgen.intensity import ForecasterActivity


class Quantiles(Predictor):
    """Gives medians alone."""

    def predict(self, dataset, **kwargs):
        for entry in dataset:
            arrays = np.zeros((1, self.prediction_length))
            yield QuantileForecast(arrays, entry["start"] + len(entry["target"]), ["0.5"])


def test_a_median_is_not_taken_for_a_mean():
    with pytest.raises(DataError, match="quantiles without a mean"):
        RIMEstimator(horizon="7D", activity=ForecasterActivity(Quantiles(7))).train(shop())
