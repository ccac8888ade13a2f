"""Speed and memory of the best users of many items, as ratios within one run.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python evaluation/benchmarks/top_users_speed.py

The best 1,000 users of each of 500 items, rank 128, float32, without a sparse part, on one core:
against the bare matrix product of the same shapes, and against `implicit`'s top-k with its factors
swapped (users as items), if it is installed. Factors are simulated.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

from tsgen.scores import ScoreMatrix

ITEMS, RANK, SIZE, ROUNDS = 500, 128, 1000, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    scores = simulate(parser.parse_args().users)
    factors = scores.user_factors.nbytes + scores.item_factors.nbytes
    tracemalloc.start()  # NumPy reports its arrays there
    scores.top_users(SIZE)
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak memory: (factors + growth) / factors = {1 + grown / factors:.2f}")
    contenders: dict[str, Callable[[], object]] = {
        "product": lambda: product(scores),
        "top_users": lambda: scores.top_users(SIZE),
    }
    try:
        contenders["implicit"] = implicit_contender(scores)
    except ImportError:
        print("implicit is not installed")
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):  # by turns, so that a busy machine slows all alike
        for name, run in contenders.items():
            begin = time.process_time()
            run()
            seconds[name].append(time.process_time() - begin)
    for name, times in seconds.items():
        speed = [a / b for a, b in zip(seconds["product"], times, strict=True)]
        spread = f"[{min(speed):.2f}, {max(speed):.2f}]"
        print(
            f"{name}: {statistics.median(times):.2f} CPU s; speed / that of the product "
            f"{statistics.median(speed):.2f} {spread}"
        )


def simulate(users: int) -> ScoreMatrix:
    """Draw factors and biases."""
    draw = np.random.default_rng(0)

    def factors(count: int) -> np.ndarray:
        return 0.1 * draw.standard_normal((count, RANK), dtype=np.float32)

    biases = [draw.standard_normal(count, dtype=np.float32) for count in (users, ITEMS)]
    ids = pd.RangeIndex(users), pd.RangeIndex(ITEMS)
    return ScoreMatrix(*ids, factors(users), factors(ITEMS), *biases)


def product(scores: ScoreMatrix, step: int = 16_000) -> float:
    """Multiply in blocks of 8 million numbers, and look at none of them."""
    last = 0.0
    for begin in range(0, scores.shape[0], step):
        block = scores.user_factors[begin : begin + step] @ scores.item_factors.T
        last = float(block[0, 0])
    return last


def implicit_contender(scores: ScoreMatrix) -> Callable[[], object]:
    """Return implicit's top-k, with users as its items; biases are left out in its favour."""
    from implicit.cpu.topk import topk

    def run() -> object:
        return topk(scores.user_factors, scores.item_factors, SIZE, num_threads=1)

    return run


if __name__ == "__main__":
    main()
