"""A list needs an end that is possible, and a reason that there is."""

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.intensity.audiences.checks import check_size, check_why


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ((None, None), "needs size=USERS"),
        ((0, None), "size=0 .* whole number"),
        ((2.0, None), "size=2.0"),
        ((True, None), "size=True"),
        ((None, 1.01), "threshold=1.01"),
        ((None, -0.01), "threshold=-0.01"),
        ((None, None, 0), "expected_buyers=0 .* above 0"),
        ((None, None, np.inf), "expected_buyers=inf"),
        ((3, 0.5, "9"), "expected_buyers='9'"),
    ],
)
def test_an_impossible_end_is_refused(end, message):
    with pytest.raises(SettingsError, match=message):
        check_size(*end)


@pytest.mark.parametrize(
    "end", [(1, None), (np.int64(3), 0), (None, 1), (None, np.float32(0.5)), (None, None, 0.1)]
)
def test_any_possible_end_will_do(end):
    check_size(*end)


def test_shapley_values_are_asked_for_by_name_and_of_the_events_kept():
    assert [check_why(why, None) for why in (False, True, "shapley")] == [False, False, True]
    assert check_why(True, "newer events") is False
    with pytest.raises(SettingsError, match="why='because'"):
        check_why("because", None)
    with pytest.raises(SettingsError, match=r"model\.update"):
        check_why("shapley", "newer events")
