"""Speed of recurrent judges that are trained side by side, as ratios within one run.

python evaluation/benchmarks/judges_speed.py

Ten judges of 1,000 real and 1,000 other windows, one by one and in groups of several sizes.
"""

from __future__ import annotations

import statistics
import time
from unittest.mock import patch

import numpy as np
import torch

from tsgen.evaluation.fidelity import discriminative_scores

JUDGES, WINDOWS, ROUNDS = 10, 1000, 3


def seconds(pairs: list, at_once: int) -> float:
    """Return the processor seconds a judge takes."""
    begin = time.process_time()
    with patch("tsgen.evaluation.fidelity.judges.JUDGES_AT_ONCE", at_once):
        discriminative_scores(pairs, judge="recurrent")
    return (time.process_time() - begin) / len(pairs)


def main() -> None:
    torch.set_num_threads(1)
    random = np.random.default_rng(1)
    for length in (64, 256):
        walks = random.normal(size=(2, JUDGES, WINDOWS, length)).cumsum(axis=3)
        pairs = list(zip(*walks, range(JUDGES), strict=True))
        rounds = [{size: seconds(pairs, size) for size in (1, 2, 5, 10)} for _ in range(ROUNDS)]
        for size in rounds[0]:
            took = statistics.median(each[size] for each in rounds)
            ratios = sorted(each[1] / each[size] for each in rounds)
            print(
                f"length {length}, {size:2} at once: {took:.2f} s a judge; as fast as one by one "
                f"times {ratios[len(ratios) // 2]:.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}]",
                flush=True,
            )


if __name__ == "__main__":
    main()
