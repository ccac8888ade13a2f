import numpy as np
import pandas as pd

from tsgen.data import Interactions
from tsgen.intensity.kept_events import KeptEvents


def log_of(rows):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return Interactions.from_frame(
        table.assign(timestamp=pd.to_datetime(table["timestamp"], unit="s"))
    )


def triples(events):
    user = np.repeat(np.arange(len(events.offsets) - 1), np.diff(events.offsets))
    return list(zip(user.tolist(), events.item.tolist(), events.time.tolist(), strict=True))


def test_events_come_back_from_a_file_and_as_a_log(tmp_path):
    log = log_of([("a", "x", 1), ("a", "y", 2), ("c", "x", 3)])
    kept = KeptEvents.of(log)
    kept.write(tmp_path / "e.parquet")
    again = KeptEvents.read(tmp_path / "e.parquet")
    assert triples(again) == triples(kept)
    assert again.log(log.users, log.items, None).fingerprint() == log.fingerprint()


def test_events_of_some_users_in_another_order():
    log = log_of([("a", "x", 1), ("a", "y", 2), ("b", "y", 5), ("c", "x", 3)])
    some = KeptEvents.of(log).of_rows(np.array([2, 0]))
    assert triples(some) == [(0, 0, 3_000_000), (1, 0, 1_000_000), (1, 1, 2_000_000)]
    assert triples(KeptEvents.of(log).of_rows(np.zeros(0, np.intp))) == []


def test_users_without_events_stay_in_a_file(tmp_path):
    kept = KeptEvents(np.array([0, 0, 1, 1]), np.zeros(1, np.int32), np.array([7]))
    kept.write(tmp_path / "e.parquet")
    assert KeptEvents.read(tmp_path / "e.parquet").offsets.tolist() == [0, 0, 1, 1]
