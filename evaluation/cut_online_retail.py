"""Cut the bundled event log out of Online Retail.

python evaluation/cut_online_retail.py --data DIR

`DIR` holds `events/online_retail.parquet` (user_id, item_id, timestamp in seconds, value) and the
tables `.items.parquet` and `.users.parquet` beside it. `src/tsgen/data/samples/README.md` says
where they come from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

SAMPLES = Path(__file__).parent.parent / "src" / "tsgen" / "data" / "samples"
NUM_USERS, NUM_ITEMS = 1500, 1000
COUNTED_UNTIL = pd.Timestamp("2011-10-01")  # later events do not decide which items are kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    for name, table in cut(parser.parse_args().data / "events").items():
        path = SAMPLES / f"{name}.parquet"
        table.to_parquet(path, index=False, compression="zstd", compression_level=19)
        print(f"{path.name}: {len(table)} rows, {path.stat().st_size // 1024} KiB")


def cut(source: Path) -> dict[str, pd.DataFrame]:
    """Return the events and the two tables of attributes."""
    events = pd.read_parquet(source / "online_retail.parquet")
    events["timestamp"] = pd.to_datetime(events["timestamp"], unit="s")
    events = events[["user_id", "item_id", "timestamp", "value"]]
    events = events[events["value"] >= 0].drop_duplicates()  # no returns, no exact duplicates
    events = events[events["item_id"].str[0].str.isdigit()]  # no postage, fees or corrections

    users = np.sort(events["user_id"].unique())
    chosen = np.random.default_rng(0).choice(users, NUM_USERS, replace=False)
    counts = events.loc[events["timestamp"] < COUNTED_UNTIL, "item_id"].value_counts()
    ranked = counts.reset_index().sort_values(["count", "item_id"], ascending=[False, True])
    events = events[
        events["user_id"].isin(chosen) & events["item_id"].isin(ranked["item_id"][:NUM_ITEMS])
    ]
    events = events.sort_values(["user_id", "timestamp", "item_id", "value"], ignore_index=True)
    tables = {"online_retail": events.astype({"value": np.float32})}
    for name, column in (("users", "user_id"), ("items", "item_id")):
        attributes = pd.read_parquet(source / f"online_retail.{name}.parquet")
        kept = attributes[attributes[column].isin(events[column])]
        tables[f"online_retail.{name}"] = kept.sort_values(column, ignore_index=True)
    return tables


if __name__ == "__main__":
    main()
