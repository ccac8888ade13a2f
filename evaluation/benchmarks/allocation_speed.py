"""Objective and speed of the dual allocation against HiGHS and greedy, in one run.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python evaluation/benchmarks/allocation_speed.py

Simulated values: exp(low rank) times a skewed activity of the users; at most two campaigns a user,
four fifths of the places that users have. Processor seconds, by turns.

--growth fits the exponents in users and in campaigns; --large USERS CAMPAIGNS allocates lazily
scored pairs and prints the gap over all of them, the seconds and the peak of memory; --decide times
one decision by prices for a user who arrives.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.allocation import CampaignPrices
from tsgen.allocation.solving import (
    Block,
    DensePairs,
    Limits,
    Solution,
    solve_dual,
    solve_exact,
    solve_greedy,
)
from tsgen.scores import ScoreMatrix

PLACES, RANK, TOLERANCE = 2, 16, 1e-3
OPTIONS = {"max_pairs": 40_000_000, "block_numbers": 4_000_000}


@dataclass(frozen=True)
class LazyPairs:
    """Pairs that are evaluated when they are read."""

    scores: ScoreMatrix

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return self.scores.shape

    def block(self, rows: npt.NDArray[np.intp]) -> Block:
        """Return the pairs of some users."""
        part = self.scores.select_users(rows)
        values = part.block(slice(0, len(rows)), slice(0, self.shape[1]))
        return Block(values, values, np.broadcast_to(0.0, values.shape))


def simulate(users: int, campaigns: int, seed: int) -> tuple[LazyPairs, Limits]:
    draw = np.random.default_rng(seed)
    activity = np.log(draw.gamma(0.5, 1, users) + 1e-9) - np.log(50)
    factors = draw.normal(size=(users, RANK)) * 1.5 / np.sqrt(RANK)
    scores = ScoreMatrix(
        pd.RangeIndex(users),
        pd.RangeIndex(campaigns),
        factors.astype(np.float32),
        draw.normal(size=(campaigns, RANK)).astype(np.float32),
        activity.astype(np.float32),
        draw.normal(size=campaigns).astype(np.float32),
    )
    most = max(int(users * PLACES / campaigns * 0.8), 1)
    return LazyPairs(scores), Limits.of(PLACES, (users, campaigns), at_most=most)


def dual(pairs: LazyPairs | DensePairs, limits: Limits) -> Solution:
    return solve_dual(pairs, limits, tolerance=TOLERANCE, seed=0, **OPTIONS)


def timed(run: object, *args: object) -> tuple[Solution, float]:
    begin = time.process_time()
    found = run(*args)  # type: ignore[operator]
    return found, time.process_time() - begin


def compare(users: int, campaigns: int, rounds: int) -> None:
    """Print value and speed beside HiGHS, over draws of the problem."""
    rows = []
    for seed in range(rounds):
        lazy, limits = simulate(users, campaigns, seed)
        pairs = DensePairs(lazy.block(np.arange(users)).values)
        best, exact_seconds = timed(solve_exact, pairs, limits)
        quick, dual_seconds = timed(dual, pairs, limits)
        plain, _ = timed(lambda p, m: solve_greedy(p, m, **OPTIONS), pairs, limits)
        rows.append((
            quick.value / best.value, quick.gap, plain.value / best.value,
            exact_seconds, dual_seconds, exact_seconds / dual_seconds,
        ))  # fmt: skip
        counts = np.bincount(quick.columns, minlength=campaigns)
        if (counts > limits.at_most).any() or np.bincount(quick.rows).max() > PLACES:
            raise SystemExit("a limit is broken")
    names = (
        "dual / optimum",
        "gap the dual says",
        "greedy / optimum",
        "HiGHS s",
        "dual s",
        "ratio",
    )
    print(f"{users:,} users x {campaigns:,} campaigns, {rounds} draws: median [least, greatest]")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        print(f"  {name}: {statistics.median(values):.5g} [{min(values):.5g}, {max(values):.5g}]")


def growth() -> None:
    """Print how the dual's time grows."""
    sizes = {"users": [(2_000 * 4**k, 100) for k in range(4)],
             "campaigns": [(8_000, 50 * 2**k) for k in range(5)]}  # fmt: skip
    for what, shapes in sizes.items():
        seconds = [timed(dual, *simulate(*shape, 0))[1] for shape in shapes]
        axis = 0 if what == "users" else 1
        slope = np.polyfit(np.log([shape[axis] for shape in shapes]), np.log(seconds), 1)[0]
        cells = ", ".join(
            f"{shape[0]:,}x{shape[1]}: {s:.2f} s" for shape, s in zip(shapes, seconds, strict=True)
        )
        print(f"exponent in {what}: {slope:.2f} ({cells})")


def large(users: int, campaigns: int) -> None:
    """Print time, gap and memory of one large problem."""
    pairs, limits = simulate(users, campaigns, 0)
    wall = time.monotonic()
    found, seconds = timed(dual, pairs, limits)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{users:,} users x {campaigns:,} campaigns: {seconds:.0f} processor seconds "
        f"({time.monotonic() - wall:.0f} s on the clock), gap over all pairs {found.gap:.3%}, "
        f"{found.facts}, peak {peak:.2f} GB"
    )


def decide(campaigns: int = 1_000, calls: int = 200, rounds: int = 20) -> None:
    """Print what one decision takes, of so many campaigns."""
    draw = np.random.default_rng(0)
    contact, money = draw.uniform(0, 1, (2, campaigns))
    names = [f"c{place}" for place in range(campaigns)]
    places, budgets = np.full(campaigns, 1e9), np.full(campaigns, np.inf)
    prices = CampaignPrices(names, contact, money, places, budgets, max_campaigns=3)
    values = draw.gamma(1, 0.5, campaigns)
    seconds = []
    for _ in range(rounds):
        begin = time.process_time()
        for _ in range(calls):
            prices.decide(values, 0.1)
        seconds.append((time.process_time() - begin) / calls * 1e6)
    print(
        f"a decision among {campaigns:,} campaigns: {statistics.median(seconds):.0f} microseconds "
        f"[{min(seconds):.0f}, {max(seconds):.0f}]"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--large", type=int, nargs=2, metavar=("USERS", "CAMPAIGNS"))
    parser.add_argument("--decide", action="store_true")
    options = parser.parse_args()
    if options.decide:
        decide()
    elif options.large:
        large(*options.large)
    elif options.growth:
        growth()
    else:
        compare(2_000, 200, options.rounds)


if __name__ == "__main__":
    main()
