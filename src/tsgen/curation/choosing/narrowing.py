"""What enters the first round: two closed forms say in seconds what is not worth a network.

`SourceWeights` (DIVA) weighs the series of each operation by itself and of all together,
`AugmentationPolicy` (Deep AutoAugment) matches the gradients of each operation. An operation that
has no weight and matches worse than half of the others is left out; the weight of the others says
which shares are tried; the weighted mixture of all, and the policy, are candidates themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tsgen.data import SeriesDataset
from tsgen.errors import TsgenError
from tsgen.rng import numpy_stream

from ..operations import AlignedOperation, Operation
from ..policy import AugmentationPolicy, PolicySearch
from ..source_weights import SourceWeights
from .candidates import SHARES, Way
from .validation import Validation

__all__ = ["MIXTURE", "POLICY", "Narrowing", "all_ways", "narrowed"]

MIXTURE, POLICY = "weighted mixture", "policy"
_NOTHING = 1e-3
"""Weight under which a source counts as useless."""

_LEAST_PART = 0.05
"""Part of a mixture under which an operation is not in it."""

_WINDOWS = 400
"""Windows of each operation that are weighed and matched, at most."""

_LEAST = 2
"""Operations that stay, the best by weight, whatever is said of them."""


@dataclass(frozen=True)
class Narrowing:
    """The ways that enter the first round.

    Attributes:
        ways: Operations and mixtures.
        operations: What makes their series, by name; the policy is one.
        left_out: Operation -> why it is not tried.
        facts: Weights and matches of all operations, and what could not be measured.
    """

    ways: tuple[Way, ...]
    operations: Mapping[str, Operation]
    left_out: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def all_ways(operations: Mapping[str, Operation]) -> Narrowing:
    """Return every operation at every share."""
    return Narrowing(tuple(Way.of(name) for name in operations), operations)


def narrowed(validation: Validation, operations: Mapping[str, Operation], seed: int) -> Narrowing:
    """Return the ways that are worth a network.

    Args:
        validation: The data; what is said of operations rests on its stopping windows, which come
            before those that judge.
        operations: What makes the series, generators trained.
        seed: Same seed, same answer.
    """
    past = validation.before(0)
    failed: dict[str, str] = {}
    pools = _pools(validation.learning, operations, seed, failed)
    length = validation.prediction_length
    weigh = SourceWeights(length, validation.context_length, length, max_windows=_WINDOWS)
    alone = {
        name: _tried(f"weight of {name}", failed, lambda pool=pool: weigh.fit(past, source=pool))
        for name, pool in pools.items()
    }
    weights = {name: mix.weights["source"] for name, mix in alone.items() if mix is not None}
    together = _tried("weights together", failed, lambda: weigh.fit(past, **pools))
    policy = _tried("policy", failed, lambda: _policy(validation, past, operations, seed))
    matches = {} if policy is None else _matches(policy)
    left_out = _left_out(weights, matches)
    ways = [Way.of(name, _shares(weights.get(name))) for name in operations if name not in left_out]
    ready = dict(operations)
    if together is not None and (mixture := _mixture(together.weights)) is not None:
        ways.append(mixture)
    if policy is not None and POLICY not in ready and _changes(policy):
        ready[POLICY] = policy
        ways.append(Way.of(POLICY))
    facts = {
        "weights": _rounded(weights),
        "weights_together": _rounded({} if together is None else together.weights),
        "matches": _rounded(matches),
        "not_measured": failed,
    }
    return Narrowing(tuple(ways), ready, left_out, facts)


def _pools(
    learning: SeriesDataset, operations: Mapping[str, Operation], seed: int, failed: dict[str, str]
) -> dict[str, SeriesDataset]:
    """Return as many series of each operation as there are real ones."""
    number = int(numpy_stream(seed, "narrowing").integers(2**31))
    pools = {
        name: _tried(
            f"series of {name}", failed, lambda made_by=made_by: made_by(learning, 1.0, seed=number)
        )
        for name, made_by in operations.items()
    }
    return {name: pool for name, pool in pools.items() if pool is not None}


def _tried(what: str, failed: dict[str, str], compute: Any) -> Any:
    """Return what is computed, or None with its reason in `failed`."""
    try:
        return compute()
    except TsgenError as error:
        failed[what] = str(error)
        return None


def _policy(
    validation: Validation, past: SeriesDataset, operations: Mapping[str, Operation], seed: int
) -> AugmentationPolicy | None:
    """Learn a policy on the stopping windows, of the operations that can be part of one."""
    able = {name: made for name, made in operations.items() if isinstance(made, AlignedOperation)}
    if not able:
        return None
    length = validation.prediction_length
    return PolicySearch(
        length, validation.context_length, validate_last=length, seed=seed
    ).fit(past, able)  # fmt: skip


def _matches(policy: AugmentationPolicy) -> dict[str, float]:
    """Return the best gradient match of each operation over its magnitudes."""
    first = policy.table().query("layer == 1 and operation != 'identity'")
    return {str(k): float(v) for k, v in first.groupby("operation")["score"].max().items()}


def _left_out(weights: Mapping[str, float], matches: Mapping[str, float]) -> dict[str, str]:
    """Return the operations of which both measures say that others are better, and why."""
    middle = median(matches.values()) if matches else 0.0
    worse = [n for n in matches if weights.get(n, 1.0) < _NOTHING and matches[n] < middle]
    stay = max(_LEAST - (len(matches) - len(worse)), 0)
    worse.sort(key=lambda name: matches[name])
    return {
        name: f"left out before the first round: weight {weights[name]:.2g} by SourceWeights, "
        f"gradient match {matches[name]:.3f} below the median {middle:.3f}"
        for name in worse[: len(worse) - stay]
    }


def _shares(weight: float | None) -> tuple[float, ...]:
    """Return the two shares nearest to that of a weight; all if there is none."""
    if weight is None:
        return SHARES
    share = weight / (1 + weight)
    return tuple(sorted(sorted(SHARES, key=lambda s: abs(s - share))[:2]))


def _mixture(weights: Mapping[str, float]) -> Way | None:
    """Return the mixture of at least two sources in the proportions of their weights."""
    sources = {name: weight for name, weight in weights.items() if name != "real"}
    total = sum(sources.values())
    parts = {name: w / total for name, w in sources.items() if total and w / total >= _LEAST_PART}
    if len(parts) < 2:
        return None
    whole = sum(parts.values())
    proportions = tuple((name, part / whole) for name, part in parts.items())
    return Way(MIXTURE, proportions, _shares(total))


def _changes(policy: AugmentationPolicy) -> bool:
    """Return whether a policy does more than copy."""
    return policy.unchanged < 1 - _LEAST_PART


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in numbers.items()}
