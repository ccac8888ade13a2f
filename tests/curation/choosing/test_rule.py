"""When a candidate is taken."""

import numpy as np
import pytest

from tsgen.curation import Gain
from tsgen.curation.choosing.rule import LEAST_EXPECTED, SURENESS, is_taken


def gain(change, sureness):
    return Gain(change, change, change, -np.log1p(change) / sureness, 10)


@pytest.mark.parametrize(
    ("change", "sureness", "taken"),
    [
        (-0.05, 2.1, True),
        (-0.05, 1.9, False),
        (-0.011, 100.0, True),
        (-0.009, 100.0, False),
        (-0.0125, 2.1, False),  # shrunk, less than 1 % is to be expected
        (0.05, -5.0, False),
    ],
)
def test_surely_better_and_by_enough(change, sureness, taken):
    assert (SURENESS, LEAST_EXPECTED) == (2.0, 0.01)
    assert bool(is_taken(gain(change, sureness))) == taken
