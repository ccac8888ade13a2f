"""What reading warned of stays with the data, through cuts and joins, and stands in their facts."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, read_interactions, read_series, to_dataset
from tsgen.data.notes import with_notes
from tsgen.data.series import SeriesDataset
from tsgen.errors import DataWarning

HOURS = pd.date_range("2024-01-01", periods=6, freq="h")


def repeated(name="a"):
    table = pd.DataFrame({"item_id": name, "timestamp": HOURS, "target": np.arange(6.0)})
    return pd.concat([table, table[:1]])


def merged(name="a", **columns):
    with pytest.warns(DataWarning):
        return to_dataset(repeated(name).assign(**columns), on_duplicate="mean")


def test_a_dataset_keeps_what_its_table_was_warned_of():
    dataset = merged()
    assert len(dataset.notes) == 2  # sorted, merged
    past, future = dataset.split(last=2)
    assert past.notes == future.notes == dataset.notes
    assert dataset.facts()["warnings"] == list(dataset.notes)
    whole = SeriesDataset.concat([dataset, merged("b")])
    assert whole.notes == dataset.notes  # each once
    assert dataset.fingerprint() == to_dataset(repeated()[:6]).fingerprint()


def test_data_without_warnings_have_none():
    dataset = to_dataset(repeated()[:6])
    assert dataset.notes == ()
    assert "warnings" not in dataset.facts()
    assert with_notes(dataset, []) is dataset


def test_files_and_channels_keep_them_too(tmp_path):
    repeated().to_csv(tmp_path / "load.csv", index=False)
    with pytest.warns(DataWarning):
        dataset = read_series(tmp_path / "load.csv", on_duplicate="sum")
    assert [note for note in dataset.notes if "repeat" in note] == [dataset.notes[-1]]
    with pytest.warns(DataWarning):
        channels = to_dataset(
            repeated().assign(other=1.0), target=["target", "other"], on_duplicate="mean"
        )
    assert any("repeat" in note for note in channels.facts()["warnings"])


def test_an_event_log_keeps_them_through_selections(tmp_path):
    table = pd.DataFrame(
        {"user_id": [1, 1, 2], "item_id": [5, 5, 6], "timestamp": HOURS[[0, 0, 3]]}
    )
    with pytest.warns(DataWarning):
        log = Interactions.from_frame(table)
    (note,) = log.notes
    assert log.before(HOURS[1]).notes == log.notes
    assert log.facts()["warnings"] == [note]
    table.to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning):
        assert read_interactions(tmp_path / "log.csv").notes == log.notes


def test_an_empty_log_has_a_plain_text():
    log = Interactions.from_frame(
        pd.DataFrame({"user_id": [1], "item_id": [5], "timestamp": HOURS[:1]})
    )
    assert repr(log.before(HOURS[0])) == "Interactions(0 events, 1 users, 1 items)"
