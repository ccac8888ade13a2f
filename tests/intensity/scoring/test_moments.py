import pytest

from tsgen.errors import (
    SettingsError,
)


@pytest.fixture(scope="module")
def model(shop_model):
    return shop_model


def test_time_without_events_lowers_a_self_exciting_users_intensity(model):
    best = model.audience(104, size=1)["user_id"].iloc[0]
    now = model.recommend(best, size=1)["intensity"].iloc[0]
    later = model.recommend(best, size=1, at="2024-06-01")["intensity"].iloc[0]
    assert later < now
    with pytest.raises(SettingsError, match="before the training cut-off"):
        model.recommend(best, at="2024-01-15")
