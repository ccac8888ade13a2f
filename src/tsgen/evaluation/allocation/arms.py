"""Other ways to give users to campaigns: one campaign after another, by simple rules, at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.allocation import Pool, Problem, solve_balanced
from tsgen.allocation.solving import (
    Assignment,
    Block,
    Limits,
    PairBlocks,
    Solution,
    campaign_column,
    solve,
)
from tsgen.arrays import Indices
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreBlocks, ScoreMatrix

from ..audience import SimpleIntensities
from .outcome import HindsightPairs, Outcome

__all__ = ["ARMS", "MODEL", "RuledPairs", "assign_all", "campaign_by_campaign"]

MODEL, WITHOUT_DEMANDS = "model", "without demands"

ARMS = {
    MODEL: "The allocation, by the model's expected values.",
    WITHOUT_DEMANDS: "The allocation without the campaigns' demands about groups.",
    "one after another": "Each campaign in turn takes the best of the users that are left, by the "
    "same expected values.",
    "random": "The same limits, users at random.",
    "hindsight": "The best that the limits allow, knowing what happened.",
}
"""Name -> how users are given to campaigns; simple rules have their names in `REFERENCES`. The
model's arm alone meets demands about groups."""

_BLOCK = 4_000_000
_WIDTH = 8  # of the random factors that stand for noise


@dataclass(frozen=True, eq=False)
class RuledPairs:
    """The pairs of a pool, valued by a rule; who may be in what stays as the model says.

    Attributes:
        pool: The pairs of the model.
        ruled: The same with the rule's scores, without minimum probabilities.
    """

    pool: Pool
    ruled: Pool

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and campaigns."""
        return self.pool.shape

    def block(self, rows: Indices) -> Block:
        """Return the pairs of the users at `rows`."""
        allowed = np.isfinite(self.pool.block(rows).values)
        block = self.ruled.block(rows)
        return Block(block.engagements, np.where(allowed, block.values, -np.inf), block.costs)


def assign_all(
    problem: Problem[Pool],
    rules: Mapping[str, ScoreBlocks],
    outcome: Outcome,
    seed: int,
    users: pd.DataFrame | None = None,
) -> dict[str, Solution]:
    """Return the assignment of each arm, all within the same limits.

    Args:
        problem: The pairs of the model, and bounds.
        rules: Name -> scores of all users and items of the model.
        outcome: What happened, for the arm of hindsight.
        seed: Of the random arm.
        users: Attributes for campaigns with a facet; None takes what the model knows.
    """
    pool, limits = problem.pool, problem.limits
    balanced = solve_balanced(problem, users=users, seed=seed)
    plain = {} if balanced.plain is None else {WITHOUT_DEMANDS: balanced.plain}
    pairs: dict[str, PairBlocks] = {}
    for name, scores in rules.items():
        if name != "random" and isinstance(scores, SimpleIntensities):
            pairs[name] = _ruled(pool, _matrix(pool, scores))
    pairs["random"] = _ruled(pool, _noise(pool, seed))
    pairs["hindsight"] = HindsightPairs(pool, outcome)
    others = {name: solve(part, limits, problem.names, seed=seed) for name, part in pairs.items()}
    turn = campaign_by_campaign(pool, limits)
    return {MODEL: balanced.merged, **plain, "one after another": turn, **others}


def campaign_by_campaign(pairs: PairBlocks, limits: Limits) -> Solution:
    """Return what comes of campaigns that choose one after the other, as lists made one by one do.

    Minima are first reserved for all, or the last campaigns might find nobody.
    """
    done = Assignment(limits)
    for minima in (True, False):
        for column in range(pairs.shape[1]):
            rows, values, costs = campaign_column(pairs, column, _BLOCK)
            order = np.argsort(-values, kind="stable")
            columns = np.full(len(rows), column)
            done.take(rows[order], columns, values[order], costs[order], minima=minima)
    rows, columns = done.pairs()
    return Solution(rows, columns, done.value, np.inf, None, {"solver": "one after another"})


def _ruled(pool: Pool, scores: ScoreMatrix) -> RuledPairs:
    campaigns = [c.model_copy(update={"min_probability": 0.0}) for c in pool.plan.campaigns]
    plan = pool.plan.model_copy(update={"campaigns": tuple(campaigns)})
    return RuledPairs(pool, replace(pool, plan=plan, scores=scores))


def _matrix(pool: Pool, rule: SimpleIntensities) -> ScoreMatrix:
    """Return a simple rule's intensities of the campaigns' items."""
    columns = pool.candidates.items.codes(pool.scores.item_ids)
    with np.errstate(divide="ignore"):
        users, items = np.log(rule.users), np.log(rule.items[columns])
    pairs = None if rule.pairs is None else sp.csr_array(rule.pairs[:, columns])
    return ScoreMatrix.of_biases(
        pool.scores.user_ids, pool.scores.item_ids, users, items, pairs=pairs
    )


def _noise(pool: Pool, seed: int) -> ScoreMatrix:
    """Return scores in an order of their own for each item."""
    draw = numpy_stream(seed, "random campaigns")
    n, m = pool.scores.shape
    width = _WIDTH
    return replace(
        pool.scores,
        user_factors=draw.normal(size=(n, width)).astype(np.float32),
        item_factors=draw.normal(size=(m, width)).astype(np.float32),
        user_bias=np.zeros(n, np.float32),
        item_bias=np.zeros(m, np.float32),
        pairs=None,
    )
