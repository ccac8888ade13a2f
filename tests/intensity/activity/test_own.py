"""An object of the user's own as the activity: checked, fitted, saved as what it expects."""

import numpy as np
import pytest

from intensity.conftest import HORIZON, random_log, read_back
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.intensity.activity import OwnActivity


class Steady:
    """As many events as there were in the last second, half of them if a second passes."""

    def __init__(self, wrong=None):
        self.wrong = wrong

    def fit(self, histories, horizon, options):
        return self

    def state(self, histories):
        if self.wrong == "state":
            return histories.lengths
        return histories.lengths[:, None].astype(float)

    def intensity(self, state, elapsed=0.0):
        expected = state[:, 0] * 0.5**elapsed
        if self.wrong == "negative":
            return expected - 100
        return expected[:, None] if self.wrong == "shape" else expected


@pytest.fixture
def histories():
    return Histories.of(random_log(3, num_users=20), 9 * HORIZON)


def test_its_expectations_are_the_intensities_at_any_time(histories):
    fitted = OwnActivity(Steady()).fit(histories, HORIZON)
    state = fitted.state(histories)
    np.testing.assert_array_equal(fitted.intensity(state), histories.lengths)
    np.testing.assert_array_equal(fitted.intensity(state, 2.0), histories.lengths / 4)
    np.testing.assert_array_equal(fitted.counts(state).mean, histories.lengths)


def test_what_is_read_back_knows_the_cut_off_alone(histories):
    part = OwnActivity(Steady())
    fitted = part.fit(histories, HORIZON)
    state = fitted.state(histories)
    again = read_back(OwnActivity(), fitted)
    np.testing.assert_array_equal(again.intensity(state), histories.lengths)
    np.testing.assert_array_equal(again.counts(state).shape, fitted.counts(state).shape)
    with pytest.raises(DataError, match="from its training cut-off on alone"):
        again.intensity(state, 1.0)
    with pytest.raises(DataError, match="reads no other histories"):
        again.state(histories)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("state", "gave states of shape"),
        ("shape", "gave intensities of shape"),
        ("negative", "negative or no number"),
    ],
)
def test_what_it_gives_wrong_is_named(histories, wrong, message):
    with pytest.raises(SettingsError, match=message):
        OwnActivity(Steady(wrong)).fit(histories, HORIZON)


def test_what_is_no_fitted_activity_is_refused(histories):
    class Nothing:
        def fit(self, histories, horizon, options):
            return 3

    with pytest.raises(SettingsError, match=r"returned int, which has no state, no intensity"):
        OwnActivity(Nothing()).fit(histories, HORIZON)
    with pytest.raises(SettingsError, match="pass the object itself"):
        OwnActivity().fit(histories, HORIZON)
