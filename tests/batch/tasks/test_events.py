"""What tasks on event logs share."""

import dataclasses

import pandas as pd
import pytest

from tsgen.batch import RecommendBatch, ScoreBatch
from tsgen.data.events import ReadOptions, end_of_log
from tsgen.errors import DataWarning, SettingsError

TASK = ScoreBatch(items=(100,))


def test_blocks_hold_every_event_and_the_log_ends_with_the_last(shop):
    folder, model, events = shop
    blocks = list(TASK.blocks(model, folder / "halves"))
    assert sum(len(block.table) for block in blocks) == len(events)
    assert max(block.end for block in blocks) == end_of_log(events)


def test_the_horizon_begins_at_the_end_of_the_log_or_at_the_cut_off(shop):
    _, model, events = shop
    end = end_of_log(events)
    assert TASK.moment(model, end).value // 1000 == end
    assert TASK.moment(model, end - 10**14) == model.cutoff
    assert dataclasses.replace(TASK, at="2024-05-01").moment(model, end) == "2024-05-01"


def test_a_time_that_is_none_is_refused_before_the_log_is_read(shop):
    _, model, _ = shop
    for task in (TASK, RecommendBatch()):
        task.check(model)
        with pytest.raises(SettingsError, match="'today' is not a time that can be read"):
            dataclasses.replace(task, at="today").check(model)


def test_repeated_events_are_treated_as_the_training_log_said(shop):
    _, model, events = shop
    twice = pd.concat([events.to_frame()] * 2)
    dropping = dataclasses.replace(TASK, read={"on_duplicate": "drop"})
    with pytest.warns(DataWarning, match="repeat another exactly were dropped"):
        assert len(dropping.histories(model, twice)) <= len(events)
    keeping = dataclasses.replace(TASK, read={"on_duplicate": "keep"})
    assert len(keeping.histories(model, twice)) == 2 * len(events)


def test_returns_by_a_column_of_quantities_are_refused(shop):
    folder, model, _ = shop
    read = {"quantity": "pieces", "returns": "cancel"}
    with pytest.raises(SettingsError, match="by the column 'pieces' is not possible in partitions"):
        next(dataclasses.replace(TASK, read=read).blocks(model, folder / "log.parquet"))
    assert ReadOptions(**read).returns == "cancel"
