"""Run a study.

python evaluation/run.py evaluation/studies/NAME.toml --data DIR [--jobs 2]

A study is a list of cells (an arm, a seed). Each finished cell is kept as one JSON file beside the
study and not computed again; the tables are made anew from the cells at the end of every run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from cells import cell_path
from tables import write_tables

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # one core a cell, so that CPU seconds mean something


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the Parquet files")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time, one core each")
    parser.add_argument("--arm", action="append", help="only these arms")
    parser.add_argument("--seed", type=int, action="append", help="only these seeds")
    parser.add_argument("--cell", nargs=2, metavar=("ARM", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    study = tomllib.loads(options.study.read_text(encoding="utf-8"))
    if "forecasters" in study:  # a study of `tsgen evaluate forecast`, which keeps its own cells
        from forecasts import run_forecast_study

        run_forecast_study(options.study, options.data)
        return
    place = options.study.with_suffix("")
    if options.cell:
        arm, seed = options.cell
        compute(study, arm, int(seed), options.data, cell_path(place, study, arm, int(seed)))
        return
    wanted = [
        (arm, seed)
        for seed in study["seeds"]
        for arm in study["arms"]
        if (not options.arm or arm in options.arm) and (not options.seed or seed in options.seed)
    ]
    todo = [cell for cell in wanted if not cell_path(place, study, *cell).exists()]
    print(f"{len(wanted)} cells, {len(todo)} to compute")
    run_cells(todo, options)
    write_tables(study, place)


def run_cells(todo: list[tuple[str, int]], options: argparse.Namespace) -> None:
    """Compute cells in processes of their own, a few at a time."""
    running: list[tuple[tuple[str, int], subprocess.Popen[bytes]]] = []
    for arm, seed in todo:
        if len(running) == options.jobs:
            wait(running)
        command = [sys.executable, __file__, str(options.study), "--data", str(options.data)]
        print(f"{arm} seed {seed} ...", flush=True)
        process = subprocess.Popen([*command, "--cell", arm, str(seed)])
        running.append(((arm, seed), process))
    while running:
        wait(running)


def wait(running: list[tuple[tuple[str, int], subprocess.Popen[bytes]]]) -> None:
    """Wait for one process to end and take it off the list."""
    pid, _ = os.wait()
    for place, ((arm, seed), process) in enumerate(running):
        if process.pid == pid:
            process.wait()
            print(f"{arm} seed {seed} ended", flush=True)
            del running[place]
            return


def compute(study: dict[str, Any], arm: str, seed: int, data: Path, path: Path) -> None:
    from protocols import PROTOCOLS  # heavy, and not needed by the process that waits

    result = PROTOCOLS[study["protocol"]](study, study["arms"][arm], seed, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"arm": arm, "seed": seed, **result}, indent=1) + "\n")
    fresh.replace(path)


if __name__ == "__main__":
    main()
