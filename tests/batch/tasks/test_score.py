"""Scores over partitions: those of one machine's memory."""

import numpy as np
import pandas as pd

from tsgen.batch import ScoreBatch, run_batch


def test_every_user_has_the_intensity_of_the_whole(shop, written):
    folder, model, events = shop
    task = ScoreBatch(items=(101, 106))
    run_batch(folder / "model", task, folder / "log.parquet", written(), jobs=1, partitions=5)
    made = pd.read_parquet(written()).pivot(index="user_id", columns="item_id", values="intensity")
    scores = model.scores(events=events).select_items(model.items.find([101, 106]))
    expected = scores.block(slice(0, scores.shape[0]), slice(0, 2))
    assert made.index.tolist() == scores.user_ids.tolist()
    np.testing.assert_allclose(made[[101, 106]], expected, rtol=1e-5)


def test_the_horizon_begins_at_the_end_of_the_whole_log_not_of_a_partition(shop, written):
    folder, model, events = shop
    task = ScoreBatch(items=(101,), at="2024-03-20")
    run_batch(folder / "model", task, folder / "log.parquet", written(), jobs=1, partitions=2)
    later = pd.read_parquet(written())
    expected = model.scores(events=events, at="2024-03-20").select_items(model.items.find([101]))
    np.testing.assert_allclose(
        later.sort_values("user_id")["intensity"],
        expected.block(slice(0, expected.shape[0]), slice(0, 1)).ravel(),
        rtol=1e-5,
    )
    assert (later["probability"].between(0, 1)).all()
