"""Small results of each kind, made up."""

import numpy as np
import pandas as pd

from tsgen.evaluation import StudyResult

random = np.random.default_rng(4)
WINDOWS = {
    "real": random.normal(size=(12, 24)).cumsum(1),
    "synthetic": random.normal(size=(3, 24)),
}
HISTORY = [
    {"step": 10 * i, "stage": i // 3, "generator_loss": 1 / i, "seconds": 0.1} for i in range(1, 7)
]


def fidelity_table():
    rows = [
        ("context_fid", 0.3, 0.1, "lower"),
        ("coverage", 0.6, 0.9, "higher"),
        ("density", 1.3, 1.1, "one"),
        ("membership_advantage", -0.1, 0.2, "lower"),
        ("<script>", 0.0, 0.0, "lower"),
    ]
    frame = pd.DataFrame(rows, columns=["metric", "value", "floor", "better"])
    return frame.assign(spread=0.0, floor_spread=0.0, protocol="held-out", n=50, seed=1)


def fidelity_result():
    arrays = WINDOWS | {f"{role}_embeddings": rows[:, :5] for role, rows in WINDOWS.items()}
    facts = {
        "study": "fidelity",
        "seed": 1,
        "settings": {"scale": "window"},
        "versions": {"tsgen": "0.1.0"},
        "command": "tsgen evaluate 'a & b'",
    }
    return StudyResult(fidelity_table(), "1 of 5 measures are <good>.", facts, arrays)


def audience_result(begins="2024-03-01"):
    rows = []
    for arm, values in (("model", (0.2, 0.6, 0.9, 40.0)), ("random", (0.01, 0.1, 1.0, 90.0))):
        for metric, value in zip(
            ("user_rec_precision", "gain_at_10%", "count_ratio", "user_rec_user_perplexity"),
            values,
            strict=True,
        ):
            fixed = metric.endswith("perplexity")
            row = {"arm": arm, "metric": metric, "value": value, "spread": np.nan}
            row["better"] = "one" if metric == "count_ratio" else "higher"
            row |= (
                {"low": np.nan, "high": np.nan}
                if fixed
                else {"low": 0.8 * value, "high": 1.2 * value}
            )
            if arm == "model" and not fixed:
                row |= {"reference": "random", "difference": value - 0.05}
                row |= {"difference_low": -0.1, "difference_high": 0.3}
            rows.append(row)
    test = {"begins": begins, "ends": "2024-03-15", "horizon": "14 days", "candidate_users": 500,
            "candidate_items": 30}  # fmt: skip
    facts = {
        "study": "audience",
        "test": test,
        "settings": {"num_users": 5, "num_items": 1},
        "model": {"settings": {"horizon": "14D"}},
        "rules": {"random": "Everybody alike."},
        "data": {"num_events": 12345},
        "seed": 1,
        "versions": {"tsgen": "0.1.0"},
    }
    depths = np.linspace(0.1, 1.0, 10)
    groups = np.column_stack([np.full(3, 9.0), [0.1, 0.2, 0.4], [0.0, 0.3, 0.4], np.full(3, 0.1)])
    arrays = {
        "depths": depths,
        "gain.model": np.sqrt(depths),
        "gain.random": depths,
        "calibration.counts": groups,
        "calibration.chances": groups,
    }
    table = pd.DataFrame(rows).assign(protocol="calendar", n=500, seed=1)
    return StudyResult(table, "Of the users listed, 20 % engaged.", facts, arrays)


def weather_result():
    """Return a result of a kind that no section knows."""
    table = pd.DataFrame({"metric": ["loss"], "value": [0.25], "spread": [np.nan], "note": ["a b"]})
    table = table.assign(better="lower", protocol="rolling", n=3, seed=1)
    return StudyResult(table, "It helped.", {"study": "weather"})
