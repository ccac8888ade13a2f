import numpy as np
import pandas as pd
import pytest

from daily_shop import naive, shop
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.intensity import agreement


@pytest.mark.parametrize("repeats", ["mixture", "never"])
def test_item_sums_are_those_of_the_whole_matrix(repeats):
    events = shop(days=20)
    model = RIMEstimator(horizon="7D", repeats=repeats).train(events)
    scores = model.scores()
    dense = scores.to_frame().groupby("item_id")["score"].sum().reindex(scores.item_ids)
    for numbers in (7, 10**6):
        small = type(scores)(**{**vars(scores), "block_numbers": numbers})
        np.testing.assert_allclose(small.item_sums(), dense.fillna(0.0), rtol=1e-5)


def test_agreement_puts_users_demand_and_truth_side_by_side():
    events = shop(days=56)
    model = RIMEstimator(horizon="7D").train(events, at="2024-04-15")
    table = agreement(model, events, naive())
    assert list(table.columns) == ["item_id", "past", "intensity", "forecast", "happened"]
    frame = events.to_frame()
    days = (frame["timestamp"] - pd.Timestamp("2024-04-15")).dt.floor("D").dt.days
    for row in table.itertuples():
        own = (frame["item_id"] == row.item_id).to_numpy()
        assert row.past == (own & (days < 0)).sum()
        assert row.forecast == (own & (days < 0) & (days >= -7)).sum()
        assert row.happened == (own & (days >= 0) & (days < 7)).sum()
    total = model.scores().to_frame()["score"].sum()
    assert table["intensity"].sum() == pytest.approx(total, rel=1e-5)
    assert table["intensity"].sum() == pytest.approx(table["happened"].sum(), rel=0.25)
    early = agreement(model, events.before("2024-04-15"), naive())
    assert early["happened"].isna().all()
    assert early["forecast"].tolist() == table["forecast"].tolist()


def test_agreement_counts_nobody_who_comes_after_the_cut_off():
    frame = shop(days=56).to_frame()
    late = frame[frame["timestamp"] >= "2024-04-15"]
    crowd = [late.assign(user_id=late["user_id"] + f"+{k}") for k in range(4)]
    events = Interactions.from_frame(pd.concat([frame, *crowd]))
    model = RIMEstimator(horizon="7D").train(
        events, at="2024-04-15", options=TrainingOptions(seed=1)
    )
    table = agreement(model, events, naive()).set_index("item_id")
    for item, expected in table["intensity"].items():
        listed = model.audience(item, threshold=0.0)
        assert not listed["user_id"].str.contains("+", regex=False).any()
        assert expected == pytest.approx(listed["intensity"].sum(), rel=1e-5)
    assert model.scores().item_sums().sum() > table["intensity"].sum()
