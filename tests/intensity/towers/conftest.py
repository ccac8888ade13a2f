import pytest

from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator


@pytest.fixture(scope="session")
def teacher():
    given = read(log(), users=USERS, items=ITEMS)
    return RIMEstimator(horizon="7D").train(given, at="2024-02-20", options=QUIET)
