"""CPU seconds and memory of a study of audiences on a simulated shop.

    python evaluation/benchmarks/audience_speed.py --users 18000 --items 2000

The shop has uneven customers and items and lasts a year. The study trains the default settings on
all but the last 28 days and judges lists of 1 % of customers and of items, beside four rules.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import time

import numpy as np
import pandas as pd

import tsgen
from tsgen.evaluation import evaluate_audience


def shop(users: int, items: int, events: int) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    zeal, fame = draw.gamma(0.5, 1.0, users), draw.gamma(0.3, 1.0, items)
    days = pd.to_timedelta(draw.uniform(0, 365, events), unit="D")
    return pd.DataFrame({
        "user_id": draw.choice(users, events, p=zeal / zeal.sum()),
        "item_id": draw.choice(items, events, p=fame / fame.sum()),
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
    })  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=18_000)
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=250_000)
    parser.add_argument("--profile", action="store_true", help="Print where the time goes.")
    options = parser.parse_args()
    table = shop(options.users, options.items, options.events)
    log = tsgen.Interactions.from_frame(table, on_duplicate="keep")
    model = tsgen.RIMEstimator(horizon="28D")
    profile = cProfile.Profile() if options.profile else None
    begin = time.process_time()
    if profile is not None:
        profile.enable()
    result = evaluate_audience(log, model, seed=1)
    if profile is not None:
        profile.disable()
    spent = time.process_time() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{spent:.1f} CPU s, {memory:.2f} GiB at most")
    print(result.answer)
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


if __name__ == "__main__":
    main()
