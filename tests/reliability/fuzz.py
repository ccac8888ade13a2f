"""Damaged inputs and command lines at random, through every reader and verb.

    python tests/reliability/fuzz.py --inputs 2000 --seed 7 --keep

Prints how many were accepted, refused clearly, refused unclearly, ended in a traceback or hung,
and each of the last three kinds; --keep adds those to the corpus, which every test run tries.
"""

import argparse
import hashlib
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

CORPUS = Path(__file__).parent / "corpus"
FAULTS = ("unclear", "traceback", "hang")


def keep(case):
    """Add a case to the corpus."""
    CORPUS.mkdir(exist_ok=True)
    text = json.dumps(case.to_json(), indent=1) + "\n"
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    (CORPUS / f"{name}.json").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    from reliability.fuzz_cases import draw_case
    from reliability.fuzz_verdicts import Bench

    logging.disable(logging.CRITICAL)
    counts, slowest = Counter(), (0.0, ())
    source = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        for _ in range(options.inputs):
            case = draw_case(source)
            begin = time.monotonic()
            verdict, told = bench(case)
            slowest = max(slowest, (time.monotonic() - begin, case.call))
            counts[verdict] += 1
            if verdict in FAULTS:
                sys.stdout.write(f"[{verdict}] {case.call} {sorted(case.files)}\n    {told}\n")
                if options.keep:
                    keep(case)
    sys.stdout.write(f"{json.dumps(counts)}; slowest {slowest[0]:.1f} s {slowest[1]}\n")
    sys.exit(any(counts[fault] for fault in FAULTS))


if __name__ == "__main__":
    main()
