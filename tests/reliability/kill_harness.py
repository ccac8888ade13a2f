"""Kill runs of the command line at random moments, go on, and count what was lost.

    python tests/reliability/kill_harness.py --kills 120 --seed 1

Each run is forked from one process that has imported everything, killed by SIGKILL, SIGINT or
SIGTERM (at a random time, or as soon as a file of its saving appears), and started again. Counted
are: unreadable (what lies at the output neither loads nor is absent), lost (a checkpoint that the
next run does not go on from, or an older model that is gone), different (the next run's numbers are
not those of an uninterrupted one), leftovers (hidden folders, locks, checkpoints after the next
run), unclear (a traceback, or another exit code than 130 or 143).
"""

import argparse
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from reliability.forked import ended, fork, import_everything, wait

SMALL = ["--set", "target_length=8", "--set", "batch_size=8", "--set", "channels=[4]"]
STUDY = """
data = "load"
prediction_length = 6
num_windows = 2
seeds = [1, 2]
num_test_series = 4
[forecasters.naive]
estimator = "seasonal_naive"
[arms.real]
[arms.jitter]
method = "jitter"
[arms.gan]
method = "psa-gan"
settings = { target_length = 8, num_steps = 10, batch_size = 8, channels = [4] }
"""


@dataclass(frozen=True)
class Work:
    """A command to be killed: its words, those that go on, whether an older output lies there."""

    words: tuple[str, ...]
    going_on: tuple[str, ...] = ("--resume",)
    over: bool = False


def works():
    often = ["--checkpoint-every", "0.1s", "--seed", "1", "--json"]
    gru = ["--set", "relevance=gru", "--set", "network.hidden_size=8"]
    gru += ["--set", "network.max_epochs=20", "--set", "horizon=7D"]
    psa = ["train", "psa-gan", "load.csv", *SMALL, "--set", "num_steps=60", *often]
    tuned = ["train", "psa-gan", "load.csv", "--from", "older", "--set", "num_steps=60", *often]
    with_context = ["train", "psa-gan-c", "load.csv", "--set", "prediction_length=4"]
    with_context += ["--set", "context_length=8", "--set", "batch_size=8"]
    with_context += ["--set", "channels=[4]", "--set", "num_steps=40", *often]
    rim = ["train", "rim", "events.csv", *gru, *often]
    study = ["evaluate", "forecast", "study.toml", "--data", "load.csv", "--json"]
    return {
        "train": Work(tuple(psa)),
        "fine-tune": Work(tuple(tuned)),
        "psa-gan-c": Work(tuple(with_context)),
        "rim": Work(tuple(rim)),
        "study": Work(tuple(study), going_on=()),
        "overwrite": Work((*psa, "--overwrite"), over=True),
    }


def write_inputs():
    import numpy as np
    import pandas as pd

    from tsgen.data import simulate_series

    simulate_series(num_series=8, length=120, seed=1).to_frame().to_csv("load.csv", index=False)
    draw = np.random.default_rng(0)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(draw.uniform(0, 60, 1500)), "D")
    table = {"user_id": draw.integers(0, 60, 1500), "item_id": draw.integers(0, 15, 1500)}
    pd.DataFrame(table | {"timestamp": times.floor("s")}).to_csv("events.csv", index=False)
    Path("study.toml").write_text(STUDY)


def kill(process, number, *, after, sign):
    """Kill at a time, or a little after a file appears; return the exit code, None if too late."""
    begin = time.monotonic()
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return None, ended(status)
        if sign is None and time.monotonic() - begin >= after:
            break
        if sign is not None and glob.glob(sign):
            time.sleep(after)
            break
        time.sleep(0.0002)
    os.kill(process, number)
    return number, wait(process)


def numbers(output):
    """Return what must be the same however often a run was killed: all but clocks and sums."""
    found = {}
    for path in sorted(Path(output).rglob("*")):
        name = path.relative_to(output).as_posix()
        if name == "history.jsonl":
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = [{k: v for k, v in row.items() if k != "seconds"} for row in rows]
        elif name == "model.json":
            found[name] = {k: v for k, v in json.loads(path.read_text()).items() if k != "sha256"}
        elif name.endswith((".parquet", ".safetensors", "table.csv")):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def readable(output):
    import tsgen
    from tsgen.evaluation import StudyResult

    try:
        StudyResult.load(output) if Path(output, "result.json").exists() else tsgen.load(output)
    except tsgen.TsgenError as error:
        return str(error)
    return ""


class Harness:
    def __init__(self, seed, verbose, chosen):
        self.random = random.Random(seed)
        self.works = {name: work for name, work in works().items() if name in chosen}
        words = [word.replace("num_steps=60", "num_steps=5") for word in works()["train"].words]
        wait(fork([*words, "-o", "older"], "older.log"))
        self.usual, self.seconds = {}, {}
        for name, work in self.works.items():
            begin = time.monotonic()
            code = wait(fork([*work.words, "-o", f"usual-{name}"], "usual.log"))
            if code:
                raise SystemExit(f"{name} fails by itself:\n{Path('usual.log').read_text()}")
            self.seconds[name] = time.monotonic() - begin
            if verbose:
                sys.stderr.write(f"{name}: {self.seconds[name]:.1f} s\n")
            self.usual[name] = numbers(f"usual-{name}")

    def case(self, k):
        """Kill run number k, go on, and return the faults found."""
        names = list(self.works)
        name = names[k % len(names)]
        work, output = self.works[name], f"run{k}"
        number = self.random.choice((signal.SIGKILL,) * 3 + (signal.SIGINT, signal.SIGTERM))
        sign = self.random.choice((None, f".{output}.*", f"{output}.checkpoint/state.pt.new"))
        after = self.random.uniform(0, 0.005 if sign else self.seconds[name])
        if work.over:
            shutil.copytree("older", output)
        log = f"{output}.log"
        sent, code = kill(fork([*work.words, "-o", output], log), number, after=after, sign=sign)
        faults = list(self.faults_of_kill(work, output, sent, code, Path(log).read_text()))
        kept = Path(f"{output}.checkpoint", "state.pt").exists()
        again = [*work.words, "-o", output]
        if sent is not None:
            again += [word for word in work.going_on if word not in again]
            if work.going_on == () and Path(output).exists():
                again += ["--overwrite"]
            code = wait(fork(again, log))
            told = Path(log).read_text()
            if code:
                faults.append(f"unclear: exit {code} of the next run: {told[-300:]}")
            if kept and "starts anew" in told:
                faults.append("lost: the checkpoint was not used")
        faults += self.faults_of_end(name, output)
        how = signal.Signals(sent).name if sent else "too late"
        return {
            "run": k,
            "work": name,
            "how": how,
            "on": sign or f"{after:.2f} s",
            "faults": faults,
        }

    def faults_of_kill(self, work, output, sent, code, told):
        if sent in (signal.SIGINT, signal.SIGTERM) and code not in (128 + sent, 0):
            yield f"unclear: exit {code} after {sent.name}: {told[-300:]}"
        if "Traceback" in told:
            yield f"unclear: {told[-500:]}"
        if work.over and not Path(output).exists():
            yield "lost: the older output is gone"
        if Path(output).exists() and (wrong := readable(output)):
            yield f"unreadable: {wrong}"

    def faults_of_end(self, name, output):
        if not Path(output).exists() or (wrong := readable(output)):
            yield f"unreadable: {wrong if Path(output).exists() else 'nothing there'}"
        elif numbers(output) != self.usual[name]:
            both = numbers(output), self.usual[name]
            differing = [key for key in both[1] if both[0].get(key) != both[1][key]]
            yield f"different: {', '.join(differing)}"
        left = [path for path in os.listdir() if path.startswith(".")]
        left += glob.glob(f"{output}.checkpoint") + glob.glob(f"{output}.cells/.*")
        if left:
            yield f"leftovers: {left}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--works", nargs="+", default=list(works()), choices=list(works()))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="kills-")
    os.chdir(place)
    import_everything()
    write_inputs()
    harness = Harness(options.seed, options.verbose, options.works)
    counts, faults = Counter(), []
    for k in range(options.kills):
        case = harness.case(k)
        counts[case["how"]] += 1
        faults += [case] if case["faults"] else []
        if options.verbose:
            sys.stderr.write(json.dumps(case) + "\n")
        if (k + 1) % 10 == 0:  # what is counted so far, should the rest never come
            sys.stderr.write(f"{k + 1}: {dict(counts)}, {len(faults)} with faults\n")
    kinds = Counter(fault.split(":")[0] for case in faults for fault in case["faults"])
    shutil.rmtree(place)
    told = {"kills": sum(counts.values()) - counts["too late"], **counts, "faults": kinds}
    sys.stdout.write(json.dumps(told | {"cases": faults}, indent=1) + "\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
