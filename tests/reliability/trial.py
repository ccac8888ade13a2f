"""Trials of what is hostile or gives out, each by one command.

    python tests/reliability/trial.py lines --inputs 600 --seed 1
    python tests/reliability/trial.py tables
    python tests/reliability/trial.py folders --inputs 600 --seed 1
    python tests/reliability/trial.py full-disk
    python tests/reliability/trial.py memory
    python tests/reliability/trial.py permission
    python tests/reliability/trial.py at-once
    python tests/reliability/trial.py starts

Prints how many were accepted, refused clearly, refused unclearly, ended in a traceback, were
silently wrong or hung, and each of the last four kinds. With --inputs, so many are drawn.
"""

import argparse
import importlib
import json
import logging
import os
import random
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

FAULTS = ("unclear", "traceback", "silently wrong", "hang")


def lines(place, draw):
    from reliability.trials.lines import HostileBench, hostile_lines, try_line

    bench = HostileBench(place)
    for line in draw(hostile_lines()):
        yield line, try_line(bench, line)


def tables(place, draw):
    from reliability.trials.tables import hostile_tables, try_table

    for table in draw(hostile_tables()):
        yield table.name, try_table(table, place)


def folders(place, draw):
    from reliability.trials.folders import FolderBench, forged_folders, try_folder

    (place / "bench").mkdir()
    bench = FolderBench(place / "bench")
    for forgery in draw(forged_folders()):
        if outcome := try_folder(forgery, bench, place):
            yield forgery, outcome


def starts(place, draw):
    from reliability.trials import moments

    yield from moments.starts(place, draw)


def forked(room, name):
    def trial(place, draw):
        from reliability.forked import import_everything

        import_everything()
        yield from getattr(importlib.import_module(f"reliability.trials.{room}"), name)(place, draw)

    return trial


TRIALS = {
    "lines": lines,
    "tables": tables,
    "folders": folders,
    "full-disk": forked("surroundings", "full_disks"),
    "memory": forked("surroundings", "little_memory"),
    "permission": forked("surroundings", "no_permission"),
    "at-once": forked("moments", "at_once"),
    "starts": starts,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trial", choices=list(TRIALS))
    parser.add_argument("--inputs", type=int, help="draw so many; all of them if absent")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")

    def draw(inputs):
        chosen = random.Random(options.seed)
        return chosen.sample(inputs, min(options.inputs or len(inputs), len(inputs)))

    counts = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, outcome in TRIALS[options.trial](Path(folder), draw):
            if outcome is None:
                sys.stdout.write(f"{name}\n")
                continue
            verdict, told = outcome
            counts[verdict] += 1
            if verdict in FAULTS:
                sys.stdout.write(f"[{verdict}] {name}\n    {told}\n")
                sys.stdout.flush()
        os.chdir("/")
    sys.stdout.write(f"{options.trial}: {json.dumps(counts)}\n")
    sys.exit(any(counts[fault] for fault in FAULTS))


if __name__ == "__main__":
    main()
