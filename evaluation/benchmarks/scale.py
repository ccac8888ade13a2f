"""How processor seconds and memory grow with events, users, items, campaigns and draws.

    OMP_NUM_THREADS=1 python evaluation/benchmarks/scale.py RESULTS.jsonl --events 100000 1000000

Simulated logs of a year, 33 events a user, 2,000 items, as folders of ten Parquet files. Each way
runs in a process of its own, and is kept in RESULTS.jsonl: the same command goes on where it was.
`--ways` names some of them:

- index: `read_interactions`; its memory beside that of the columns it holds
- train: RIM on all users; train_sample: on 20,000 of them (`sample_users`)
- audience: lists of 500 of 100 items by partitions, 300MB; audience_memory: the same in memory
- implicit: what else is run: implicit's ALS of 64 factors on a pandas table, top 500 of 100 items
- wide: lists of 500 of 1,000 items by partitions (`--users 1000000` for as many)
- allocate: ten campaigns by partitions; allocate_memory: the same in memory
- draws: a hundredth as many series of 64 steps of a small PSA-GAN, by requests
- ray, spark: audience on a cluster of this machine, two workers; local: two processes
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tsgen
from tsgen.batch import AllocateBatch, AudienceBatch, SampleBatch, run_batch
from tsgen.data.events import sample_users

READ = {"on_duplicate": "keep"}
QUIET = tsgen.TrainingOptions(seed=1, progress=False, device="cpu")
ITEMS, MEMORY = 2_000, "300MB"


def write_log(folder: Path, events: int, users: int) -> None:
    """Write ten files of events, users and items of uneven zeal and fame."""
    draw = np.random.default_rng(0)
    zeal, fame = draw.gamma(0.5, 1.0, users), draw.gamma(0.3, 1.0, ITEMS) + 1e-3
    folder.mkdir()
    folder.with_name("users").write_text(str(users))
    for number in range(10):
        size = events // 10
        days = pd.to_timedelta(draw.uniform(0, 365, size), unit="D")
        pd.DataFrame({
            "user_id": draw.choice(users, size, p=zeal / zeal.sum()),
            "item_id": draw.choice(ITEMS, size, p=fame / fame.sum()),
            "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
        }).to_parquet(folder / f"{number}.parquet")  # fmt: skip


def write_model(folder: Path) -> None:
    """Train a model of 2,000 users."""
    log = sample_users(folder / "log", 2_000, seed=1, **READ)
    estimator = tsgen.RIMEstimator(horizon="28D", relevance="popularity", keep_events=False)
    estimator.train(log, options=QUIET).save(folder / "model")


def items_of(folder: Path, num: int) -> tuple[int, ...]:
    return tuple(tsgen.load(folder / "model").items.ids[:num].tolist())


def campaigns_of(folder: Path) -> list[dict[str, Any]]:
    """Return ten campaigns of four items each, for a twentieth of the users each."""
    items, most = items_of(folder, 40), int((folder / "users").read_text()) // 20
    return [
        {"name": f"c{k}", "items": list(items[4 * k : 4 * k + 4]), "at_most": most}
        for k in range(10)
    ]


def index(folder: Path) -> dict[str, Any]:
    before = peak()
    log = tsgen.read_interactions(folder / "log", **READ)
    held = sum(part.nbytes for part in (log.user, log.item, log.time, log.offsets))
    return {"times_its_size": round((peak() - before) / held, 2), "held_mb": held >> 20}


def train(folder: Path) -> dict[str, Any]:
    log = tsgen.read_interactions(folder / "log", **READ)
    tsgen.RIMEstimator(horizon="28D").train(log, options=QUIET)
    return {"users": log.num_users}


def train_sample(folder: Path) -> dict[str, Any]:
    log = sample_users(folder / "log", 20_000, seed=1, **READ)
    tsgen.RIMEstimator(horizon="28D").train(log, options=QUIET)
    return {"users": log.num_users}


def audience(folder: Path, engine: str = "local", jobs: int = 1) -> dict[str, Any]:
    task = AudienceBatch(items=items_of(folder, 100), size=500, read=READ)
    how = {"memory": MEMORY} if engine == "local" and jobs == 1 else {"partitions": 8}
    made = run_batch(
        folder / "model", task, folder / "log", folder / f"{engine}{jobs}.parquet",
        jobs=jobs, engine=engine, overwrite=True, **how,
    )  # fmt: skip
    return {"partitions": made.num_partitions}


def audience_memory(folder: Path) -> dict[str, Any]:
    log = tsgen.read_interactions(folder / "log", **READ)
    model = tsgen.load(folder / "model")
    lists = model.audiences(list(items_of(folder, 100)), size=500, events=log)
    return {"rows": len(lists)}


def implicit(folder: Path) -> dict[str, Any]:
    from implicit.als import AlternatingLeastSquares
    from scipy.sparse import coo_array, csr_matrix

    table = pd.read_parquet(folder / "log")
    users, items = (pd.factorize(table[name])[0] for name in ("user_id", "item_id"))
    counts = csr_matrix(coo_array((np.ones(len(table), np.float32), (users, items))))
    model = AlternatingLeastSquares(factors=64, iterations=15, num_threads=1, random_state=1)
    model.fit(counts, show_progress=False)
    scores = model.user_factors @ model.item_factors[:100].T
    lists = [pd.Series(scores[:, k]).nlargest(500) for k in range(100)]
    return {"rows": sum(map(len, lists))}


def wide(folder: Path) -> dict[str, Any]:
    task = AudienceBatch(items=items_of(folder, 1_000), size=500, read=READ)
    made = run_batch(folder / "model", task, folder / "log", folder / "wide.parquet",
                     jobs=1, memory=MEMORY, overwrite=True)  # fmt: skip
    return {"partitions": made.num_partitions}


def allocate(folder: Path) -> dict[str, Any]:
    task = AllocateBatch(campaigns=campaigns_of(folder), read=READ)
    made = run_batch(folder / "model", task, folder / "log", folder / "contacts.parquet",
                     jobs=1, memory=MEMORY, overwrite=True)  # fmt: skip
    return {"contacts": made.rows, "gap": round(made.details.facts["gap"], 5)}


def allocate_memory(folder: Path) -> dict[str, Any]:
    log = tsgen.read_interactions(folder / "log", **READ)
    made = tsgen.allocate(tsgen.load(folder / "model"), campaigns_of(folder), events=log)
    return {"contacts": len(made.table), "gap": round(made.facts["gap"], 5)}


def draws(folder: Path, events: int) -> dict[str, Any]:
    data = tsgen.data.simulate_series(num_series=10, length=256, seed=1)
    settings = tsgen.PSAGANEstimator(target_length=64, num_steps=20, batch_size=16)
    settings.train(data, options=QUIET).save(folder / "gan", overwrite=True)
    names, each = list(data.item_ids), max(events // 1_000_000, 1) * 100
    requests = [{"item_id": names[k % 10], "number": each} for k in range(events // 100 // each)]
    pd.DataFrame(requests).to_csv(folder / "requests.csv", index=False)
    begin = seconds()
    made = run_batch(folder / "gan", SampleBatch(seed=1), folder / "requests.csv",
                     folder / "drawn.parquet", jobs=1, partitions=20, overwrite=True)  # fmt: skip
    return {"series": made.rows // 64, "drawing": round(seconds() - begin, 1)}


WAYS: dict[str, Callable[..., dict[str, Any]]] = {
    "index": index, "train": train, "train_sample": train_sample, "audience": audience,
    "audience_memory": audience_memory, "implicit": implicit, "wide": wide, "allocate": allocate,
    "allocate_memory": allocate_memory, "draws": draws,
    "local": lambda folder: audience(folder, "local", 2),
    "ray": lambda folder: audience(folder, "ray", 2),
    "spark": lambda folder: audience(folder, "spark", 2),
}  # fmt: skip
USUAL = [name for name in WAYS if name not in ("local", "ray", "spark")]


def seconds() -> float:
    """Return the processor seconds of this process and of those it has waited for."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def peak() -> int:
    """Return the most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def measured(way: str, events: int, folder: Path) -> dict[str, Any]:
    """Return one row, measured in this process."""
    before, idle, begin = seconds(), peak(), time.perf_counter()
    more = draws(folder, events) if way == "draws" else WAYS[way](folder)
    return {
        "way": way, "events": events, "cpu_s": round(seconds() - before, 1),
        "peak_mb": peak() >> 20, "before_mb": idle >> 20,
        "wall_s": round(time.perf_counter() - begin, 1), **more,
    }  # fmt: skip


def measure_all(
    results: Path, sizes: list[int], ways: list[str], place: Path | None, users: list[str]
) -> None:
    """Measure what is not in `results` yet, smaller logs first."""
    done = {(row["way"], row["events"]) for row in rows_of(results)}
    for events in sizes:
        left = [way for way in ways if (way, events) not in done]
        with tempfile.TemporaryDirectory(dir=place) as name:
            folder = Path(name)
            for part in ["_log", *left] if left else []:
                words = [sys.executable, "-W", "ignore", __file__, str(results), "--one", part]
                words += ["--events", str(events), "--folder", name, *users]
                code = subprocess.run(words, check=False, env=dict(os.environ)).returncode
                if code:
                    print(f"{part} at {events:,} events ended with code {code}", file=sys.stderr)
            for leftover in folder.glob("*.parquet"):
                leftover.unlink()


def rows_of(results: Path) -> list[dict[str, Any]]:
    lines = results.read_text().splitlines() if results.exists() else []
    return [json.loads(line) for line in lines]


def table_of(rows: list[dict[str, Any]]) -> str:
    """Return rows as Markdown, with how processor seconds grow from one size to the next."""
    facts = ("way", "events", "cpu_s", "peak_mb", "before_mb")
    lines = ["| way | events | CPU s | peak MB | of it before | growth | |", "| --- " * 7 + "|"]
    before: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (list(WAYS).index(row["way"]), row["events"])):
        last, growth = before.get(row["way"]), ""
        if last is not None:
            ratio = max(row["cpu_s"], 0.1) / max(last["cpu_s"], 0.1)
            growth = f"{math.log(ratio) / math.log(row['events'] / last['events']):.2f}"
        more = ", ".join(f"{k} {v:,}" for k, v in row.items() if k not in (*facts, "wall_s"))
        cells = [row["way"], f"{row['events']:,}", row["cpu_s"], row["peak_mb"], row["before_mb"]]
        lines.append("| " + " | ".join(map(str, [*cells, growth, more])) + " |")
        before[row["way"]] = row
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("--events", type=int, nargs="+", default=[100_000])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=USUAL)
    parser.add_argument("--users", type=int, help="of the log; one for 33 events if absent")
    parser.add_argument("--place", type=Path, help="folder for what is in between")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is None:
        users = [] if options.users is None else ["--users", str(options.users)]
        measure_all(options.results, options.events, options.ways, options.place, users)
        print(table_of(rows_of(options.results)))
        return
    (events,) = options.events
    if options.one == "_log":
        users = options.users or max(events // 33, 3_000)
        write_log(options.folder / "log", events, users)
        write_model(options.folder)
        return
    row = measured(options.one, events, options.folder)
    with options.results.open("a") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
