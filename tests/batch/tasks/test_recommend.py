"""Recommendations over partitions: those of one machine's memory."""

import pandas as pd

from tsgen.batch import RecommendBatch, run_batch


def test_every_user_of_the_log_gets_the_items_of_the_whole(shop, written, same_rows):
    folder, model, events = shop
    task = RecommendBatch(size=3, items=(100, 103, 105, 107), exclude_seen=True)
    run_batch(folder / "model", task, folder / "halves", written(), jobs=1, partitions=4)
    made = pd.read_parquet(written())
    ids = list(events.users.ids)
    expected = model.recommendations(
        ids, size=3, items=task.items, exclude_seen=True, events=events
    )
    same_rows(
        made.drop(columns="expected_spend"),
        expected.drop(columns="expected_spend"),
        ["user_id", "rank"],
    )
    assert not made.duplicated(["user_id", "item_id"]).any()
