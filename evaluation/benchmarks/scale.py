"""How processor seconds and memory grow with events, users, items, campaigns and draws.

    OMP_NUM_THREADS=1 python evaluation/benchmarks/scale.py RESULTS.jsonl --events 100000 1000000

Simulated logs of a year, 33 events a user, 2,000 items, as folders of ten Parquet files. Each way
runs in a process of its own, and is kept in RESULTS.jsonl: the same command goes on where it was.
Processor seconds are those of all processes, memory that of the largest moment of each of them,
added. `--ways` names some of them; what others run is in `scale_rivals`:

- index: `read_interactions`; its memory beside that of the columns it holds
- train: RIM on all users; train_sample: on 20,000 of them (`sample_users`), its reading included
- audience: lists of 500 of 100 items by partitions, 300MB; audience_memory: the same in memory;
  implicit and spark_als: the same by others
- wide: lists of 500 of 1,000 items by partitions (`--users 1000000` for as many)
- catalogue: lists of 20 users of every item, by partitions (`--items 100000`); recommend: 20 of all
  items for each user; implicit_catalogue and implicit_recommend: the same by others
- allocate: `--campaigns` (ten) by partitions; allocate_memory: the same in memory;
  implicit_greedy: each campaign in turn its best users who are left
- draws: a hundredth as many series of 64 steps of a small PSA-GAN, by requests; dgan and par: as
  many by others, after a minute of training
- ray, spark: audience on a cluster of this machine, two workers; local: two processes
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scale_processes import peak, seconds
from scale_rivals import RIVALS

import tsgen
from tsgen.batch import AllocateBatch, AudienceBatch, RecommendBatch, SampleBatch, run_batch
from tsgen.data.events import sample_users

READ = {"on_duplicate": "keep"}
QUIET = tsgen.TrainingOptions(seed=1, progress=False, device="cpu")
MEMORY = "300MB"
SIZES = {"items": 2_000, "campaigns": 10}
"""Of a row that does not say otherwise."""


def write_log(folder: Path, events: int, users: int, items: int) -> None:
    """Write ten files of events, users and items of uneven zeal and fame."""
    draw = np.random.default_rng(0)
    zeal, fame = draw.gamma(0.5, 1.0, users), draw.gamma(0.3, 1.0, items) + 1e-3
    folder.mkdir()
    folder.with_name("users").write_text(str(users))
    for number in range(10):
        size = events // 10
        days = pd.to_timedelta(draw.uniform(0, 365, size), unit="D")
        pd.DataFrame({
            "user_id": draw.choice(users, size, p=zeal / zeal.sum()),
            "item_id": draw.choice(items, size, p=fame / fame.sum()),
            "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
        }).to_parquet(folder / f"{number}.parquet")  # fmt: skip


def write_model(folder: Path, items: int) -> None:
    """Train a model of 2,000 users, of more where there are many items to know."""
    log = sample_users(folder / "log", max(2_000, items // 5), seed=1, **READ)
    estimator = tsgen.RIMEstimator(horizon="28D", relevance="popularity", keep_events=False)
    estimator.train(log, options=QUIET).save(folder / "model")


def items_of(folder: Path, num: int) -> tuple[int, ...]:
    """Return the first items of the model, or all (-1)."""
    ids = tsgen.load(folder / "model").items.ids.tolist()
    return tuple(ids if num < 0 else ids[:num])


def campaigns_of(folder: Path, num: int) -> list[dict[str, Any]]:
    """Return campaigns of four items each, no two the same, for half of the users together."""
    items, most = items_of(folder, 1_600), int((folder / "users").read_text()) // (2 * num)
    each = [[items[(4 * k + k * 4 // len(items) + j) % len(items)] for j in range(4)]
            for k in range(num)]  # fmt: skip
    return [{"name": f"c{k}", "items": of, "at_most": most} for k, of in enumerate(each)]


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
    users = int((folder / "users").read_text())
    how = {"memory": MEMORY} if jobs == 1 else {"partitions": max(users // 12_500, 8)}
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


def wide(folder: Path) -> dict[str, Any]:
    task = AudienceBatch(items=items_of(folder, 1_000), size=500, read=READ)
    made = run_batch(folder / "model", task, folder / "log", folder / "wide.parquet",
                     jobs=1, memory=MEMORY, overwrite=True)  # fmt: skip
    return {"partitions": made.num_partitions}


def catalogue(folder: Path) -> dict[str, Any]:
    items = items_of(folder, -1)
    made = run_batch(folder / "model", AudienceBatch(items=items, size=20, read=READ),
                     folder / "log", folder / "lists.parquet", jobs=1, memory=MEMORY,
                     overwrite=True)  # fmt: skip
    return {"known": len(items), "partitions": made.num_partitions, "rows": made.rows}


def recommend(folder: Path) -> dict[str, Any]:
    made = run_batch(folder / "model", RecommendBatch(size=20, read=READ), folder / "log",
                     folder / "lists.parquet", jobs=1, memory=MEMORY, overwrite=True)  # fmt: skip
    return {"partitions": made.num_partitions, "rows": made.rows}


def allocate(folder: Path, campaigns: int) -> dict[str, Any]:
    task = AllocateBatch(campaigns=campaigns_of(folder, campaigns), read=READ)
    made = run_batch(folder / "model", task, folder / "log", folder / "contacts.parquet",
                     jobs=1, memory=MEMORY, overwrite=True)  # fmt: skip
    return {"contacts": made.rows, "gap": round(made.details.facts["gap"], 5)}


def allocate_memory(folder: Path, campaigns: int) -> dict[str, Any]:
    log, asked = tsgen.read_interactions(folder / "log", **READ), campaigns_of(folder, campaigns)
    made = tsgen.allocate(tsgen.load(folder / "model"), asked, events=log)
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
    "audience_memory": audience_memory, "wide": wide, "catalogue": catalogue,
    "recommend": recommend, "allocate": allocate, "allocate_memory": allocate_memory,
    "draws": draws,
    "local": lambda folder: audience(folder, "local", 2),
    "ray": lambda folder: audience(folder, "ray", 2),
    "spark": lambda folder: audience(folder, "spark", 2),
    **RIVALS,
}  # fmt: skip
USUAL = ["index", "train", "train_sample", "audience", "audience_memory", "implicit", "wide",
         "allocate", "allocate_memory", "draws"]  # fmt: skip


def measured(way: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return one row, measured in this process."""
    given: dict[str, int] = {}
    if way in ("draws", "dgan", "par"):
        given = {"events": options.events[0]}
    elif way in ("allocate", "allocate_memory", "implicit_greedy"):
        given = {"campaigns": options.campaigns}
    before, idle, begin = seconds(), peak(), time.perf_counter()
    more = WAYS[way](folder, **given)
    return {
        "way": way, **sizes_of(options), "cpu_s": round(seconds() - before, 1),
        "peak_mb": peak() >> 20, "before_mb": idle >> 20,
        "wall_s": round(time.perf_counter() - begin, 1), **more,
    }  # fmt: skip


def sizes_of(options: argparse.Namespace) -> dict[str, int]:
    """Return the sizes of a row; those that are usual are left out."""
    unusual = {k: getattr(options, k) for k in SIZES if getattr(options, k) != SIZES[k]}
    users = {} if options.users is None else {"users": options.users}
    return {"events": options.events[0], **unusual, **users}


def measure_all(options: argparse.Namespace) -> None:
    """Measure what is not in the results yet, smaller logs first."""
    results, done = options.results, list(map(key_of, rows_of(options.results)))
    more = [f"--{name}={getattr(options, name)}" for name in SIZES]
    more += [] if options.users is None else [f"--users={options.users}"]
    for events in options.events:
        sizes = sizes_of(argparse.Namespace(**{**vars(options), "events": [events]}))
        left = [way for way in options.ways if key_of({"way": way, **sizes}) not in done]
        with tempfile.TemporaryDirectory(dir=options.place) as name:
            folder = Path(name)
            for part in ["_log", *left] if left else []:
                words = [sys.executable, "-W", "ignore", __file__, str(results), "--one", part]
                words += ["--events", str(events), "--folder", name, *more]
                code = subprocess.run(words, check=False, env=dict(os.environ)).returncode
                if code:
                    print(f"{part} at {events:,} events ended with code {code}", file=sys.stderr)
            for leftover in folder.glob("*.parquet"):
                leftover.unlink()


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells rows apart."""
    return row["way"], *(row.get(name, SIZES.get(name)) for name in ("events", *SIZES, "users"))


def rows_of(results: Path) -> list[dict[str, Any]]:
    lines = results.read_text().splitlines() if results.exists() else []
    return [json.loads(line) for line in lines]


def table_of(rows: list[dict[str, Any]]) -> str:
    """Return rows as Markdown, with how processor seconds grow from one size to the next."""
    facts = ("way", "events", "cpu_s", "peak_mb", "before_mb", "wall_s")
    lines = ["| way | events | CPU s | peak MB | of it before | growth | |", "| --- " * 7 + "|"]
    before: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (list(WAYS).index(row["way"]), *_sizes(row))):
        last, growth = before.get(row["way"]), ""
        steps = [] if last is None else np.divide(_sizes(row), _sizes(last)).tolist()
        if last is not None and (step := max(steps)) > 1:
            ratio = max(row["cpu_s"], 0.1) / max(last["cpu_s"], 0.1)
            growth = f"{math.log(ratio) / math.log(step):.2f}"
        more = ", ".join(f"{k} {v:,}" for k, v in row.items() if k not in facts)
        cells = [row["way"], f"{row['events']:,}", row["cpu_s"], row["peak_mb"], row["before_mb"]]
        lines.append("| " + " | ".join(map(str, [*cells, growth, more])) + " |")
        before[row["way"]] = row
    return "\n".join(lines)


def _sizes(row: dict[str, Any]) -> list[int]:
    return [row["events"], *(row.get(name, usual) for name, usual in SIZES.items())]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("--events", type=int, nargs="+", default=[100_000])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=USUAL)
    parser.add_argument("--users", type=int, help="of the log; one for 33 events if absent")
    parser.add_argument("--items", type=int, default=SIZES["items"], help="of the log")
    parser.add_argument("--campaigns", type=int, default=SIZES["campaigns"])
    parser.add_argument("--place", type=Path, help="folder for what is in between")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is None:
        measure_all(options)
        print(table_of(rows_of(options.results)))
        return
    if options.one == "_log":
        (events,) = options.events
        write_log(options.folder / "log", events, options.users or max(events // 33, 3_000),
                  options.items)  # fmt: skip
        write_model(options.folder, options.items)
        return
    row = measured(options.one, options, options.folder)
    with options.results.open("a") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
