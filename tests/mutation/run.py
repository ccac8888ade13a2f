"""Mutation score: how many small faults in a file do its namesake tests see?

    python tests/mutation/run.py intensity/fitting.py persistence.py --mutants 60 --seed 1
    python tests/mutation/run.py                    # the files in TARGETS

Draws faults at random among all of a file (see `mutants`), puts one at a time into a copy of the
sources, and runs the file's namesake tests (of `intensity/fitting.py`, those in
`tests/intensity/test_fitting.py`) until the first failure. Prints, for each file, the share of
faults seen, with its 95 % Wilson interval, and the faults that no test saw, by number; `--only`
puts in those numbers again, as after more tests, and `--again FILE` those that an earlier run
printed there, found by their text where the sources have moved. A fault that makes the tests run
for too long, in processor seconds, counts as seen. `--tests` takes other tests than the namesakes.

Needs a system that can fork: the libraries are loaded once for all faults.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "tsgen"
TARGETS = (
    "psagan/learning/losses.py",
    "psagan/learning/task.py",
    "psagan/learning/growth.py",
    "intensity/fitting.py",
    "intensity/recalibration.py",
    "intensity/pairs/fitting.py",
    "evaluation/fidelity/draws.py",
    "evaluation/fidelity/window_sets.py",
    "evaluation/audience/measures.py",
    "metrics/resampling/weighted_measures.py",
    "evaluation/forecast/arms.py",
    "evaluation/forecast/cells.py",
    "evaluation/forecast/runner.py",
    "persistence.py",
)
LOADED = ("torch", "pandas", "scipy.stats", "scipy.optimize", "scipy.sparse", "sklearn.ensemble",
          "pyarrow.parquet", "pydantic", "safetensors.torch", "lightning.fabric", "typer.testing",
          "gluonts.dataset.common", "gluonts.model")  # fmt: skip
_PATIENCE = 50  # how many times as long as its processor seconds a run may take on a busy machine


def namesake(file: str) -> Path:
    """Return the tests of a source file, in the tree that mirrors the sources."""
    path = Path(file)
    room = path.parent if path.parent.name else Path("foundation")
    return ROOT / "tests" / room / f"test_{path.name}"


def wilson(seen: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    share, square = seen / count, z * z / count
    centre = (share + square / 2) / (1 + square)
    reach = z * (share * (1 - share) / count + square / (4 * count)) ** 0.5 / (1 + square)
    return centre - reach, centre + reach


def run_tests(sources: Path, tests: Sequence[Path], seconds: int) -> tuple[bool, float]:
    """Return whether the tests pass with these sources, and their processor seconds.

    A run of more than `seconds` of the processor, or that waits for ever, does not pass.
    """
    child = os.fork()
    if not child:
        _in_child(sources, tests, seconds)
    deadline = time.monotonic() + _PATIENCE * (seconds + 30)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0, usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            os.killpg(child, 9)
            os.waitpid(child, 0)
            return False, seconds
        time.sleep(0.02)


def _in_child(sources: Path, tests: Sequence[Path], seconds: int) -> None:
    """Run the tests in silence and leave with pytest's exit code."""
    import pytest

    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.path.insert(0, str(sources))
    os.environ["PYTHONPATH"] = str(sources)
    os.chdir(ROOT)
    words = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow"]
    os._exit(int(pytest.main([*words, *map(str, tests)])))


def drawn(
    file: str, possible: Sequence[Mutant], count: int, seed: int, only: Sequence[int] | None
) -> list[tuple[int, Mutant]]:
    """Return the faults to put in, with their numbers in the draw.

    Args:
        file: Below `src/tsgen`; the draw depends on its name.
        possible: All faults of the file.
        count: Faults to draw.
        seed: Of the draw.
        only: Numbers of the drawn faults that are put in, from 1; None puts in all.
    """
    chosen = random.Random(f"{file} {seed}").sample(possible, min(count, len(possible)))
    return [(k, chosen[k - 1]) for k in only or range(1, len(chosen) + 1)]


def printed(
    file: str, possible: Sequence[Mutant], lines: Sequence[str]
) -> tuple[list[tuple[int, Mutant]], int]:
    """Return the faults of a file that a run printed, and how many are not possible any more.

    Of several faults of one text, the one nearest to the line that was printed is taken.
    """
    chosen, gone = [], 0
    for line in lines:
        if match := re.match(rf"  (\d+): {re.escape(file)} line (\d+): (.*)  ->  (.*)\n?$", line):
            same = [m for m in possible if (m.before, m.after) == match.group(3, 4)]
            gone += not same
            chosen += [
                (int(match[1]), m)
                for m in sorted(same, key=lambda m: abs(m.line - int(match[2])))[:1]
            ]
    return chosen, gone


def score(
    file: str,
    tests: Sequence[Path],
    sources: Path,
    choose: Callable[[list[Mutant]], list[tuple[int, Mutant]]],
) -> None:
    """Print the score of one file and the mutants that survived.

    Args:
        file: Below `src/tsgen`.
        tests: Files of tests.
        sources: A copy of the sources, whose file is changed and put back.
        choose: Of all faults those to put in, with their numbers.
    """
    place = sources / "tsgen" / file
    original = place.read_text(encoding="utf-8")
    passes, used = run_tests(sources, tests, 3600)
    if not passes:
        print(f"{file}: its tests fail as they are: {', '.join(map(str, tests))}")
        return
    print(f"{file}: its tests take {used:.1f} s of the processor", flush=True)
    limit = round(20 + 5 * used)
    possible = mutants_of(original)
    chosen = choose(possible)
    if not chosen:
        print(f"{file}: no fault to put in")
        return
    survivors: list[Mutant] = []
    for number, mutant in chosen:
        place.write_text(mutant.source, encoding="utf-8")
        passes, seconds = run_tests(sources, tests, limit)
        used += seconds
        if passes:
            survivors.append(mutant)
            print(f"  {number}: {file} {mutant}", flush=True)
    place.write_text(original, encoding="utf-8")
    number, seen = len(chosen), len(chosen) - len(survivors)
    low, high = wilson(seen, number)
    print(
        f"{file}: {seen} of {number} seen ({len(possible)} possible): {seen / number:.0%} "
        f"[{low:.0%}, {high:.0%}], {used:.0f} s of the processor",
        flush=True,
    )


def main() -> None:
    """Read the command line and score each file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", default=TARGETS, help="below src/tsgen")
    parser.add_argument("--mutants", type=int, default=60, help="faults drawn in a file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", nargs="+", type=Path, help="instead of the namesakes")
    parser.add_argument("--only", nargs="+", type=int, help="numbers of drawn faults: put in these")
    parser.add_argument("--again", type=Path, help="what a run printed: put in its survivors")
    chosen = parser.parse_args()
    sys.dont_write_bytecode = True
    for name in LOADED:
        importlib.import_module(name)
    with TemporaryDirectory() as folder:
        sources = Path(folder) / "src"
        shutil.copytree(SOURCES, sources / "tsgen")
        for file in chosen.files:
            tests = [path.resolve() for path in chosen.tests or [namesake(file)]]
            if absent := [path for path in tests if not path.exists()]:
                print(f"{file}: no tests at {absent[0]}")
                continue
            score(file, tests, sources, partial(_chosen, file, chosen))


def _chosen(
    file: str, options: argparse.Namespace, possible: list[Mutant]
) -> list[tuple[int, Mutant]]:
    """Return the faults that the command line asks for."""
    if options.again is None:
        return drawn(file, possible, options.mutants, options.seed, options.only)
    lines = options.again.read_text(encoding="utf-8").splitlines()
    faults, gone = printed(file, possible, lines)
    if gone:
        print(f"{file}: {gone} of the faults printed are not possible any more")
    return faults


if __name__ == "__main__":
    main()
