"""The user's own forecaster judges the last candidates.

It runs once for real series alone and once for each candidate, in every draw of the series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import DataError, TrainingInterruptedError

from ..operations import Operation
from .candidates import Candidate, augmented
from .cells import Cells, identity_of
from .forecasters import UserForecaster, reason
from .gains import Gain, gain_of
from .validation import Validation

__all__ = ["JudgedGains", "judgement"]


@dataclass(frozen=True)
class JudgedGains:
    """What the user's forecaster gains.

    Attributes:
        gains: By each candidate that it could be trained with.
        failed: Candidate -> why it could not.
    """

    gains: Mapping[Candidate, Gain]
    failed: Mapping[Candidate, str] = field(default_factory=dict)


def judgement(
    judge: UserForecaster,
    validation: Validation,
    operations: Mapping[str, Operation],
    candidates: Sequence[Candidate],
    *,
    draws: int,
    cells: Cells,
    seed: int,
) -> JudgedGains:
    """Run the forecaster with every candidate.

    Raises:
        DataError: It fails on the real series alone, or on every candidate.
        TrainingInterruptedError: Ctrl-C.
    """

    def losses(name: str, candidate: Candidate | None, draw: int) -> Array:
        def compute() -> Array:
            data = validation.learning
            if candidate is not None:
                data = augmented(data, candidate, operations, seed + draw)
            return judge.losses(data, validation, seed + draw)

        return cells.losses(["yours", identity_of(judge.given), name, draw], compute)

    def runs(candidate: Candidate | None) -> Array:
        name = "real alone" if candidate is None else candidate.name
        return np.stack([losses(name, candidate, draw) for draw in range(draws)])

    real, why = _tried(partial(runs, None))
    if real is None:
        raise DataError(f"The forecaster fails on the real series alone: {why}")
    gains, failed = {}, {}
    for candidate in candidates:
        lost, why = _tried(partial(runs, candidate))
        if lost is None:
            failed[candidate] = why
        else:
            gains[candidate] = gain_of(lost, real)
    if not gains:
        first, why = next(iter(failed.items()))
        kept = "are kept in" if cells.folder else "would be kept with cells=FOLDER"
        said = f"What the reference networks said {kept} {cells.folder or ''}".rstrip()
        raise DataError(
            f"The forecaster fails on every candidate; {first.name}: {why.rstrip('.')}. {said}; "
            "without forecaster= the choice is theirs."
        )
    return JudgedGains(gains, failed)


def _tried(compute: Callable[[], Array]) -> tuple[Array | None, str]:
    """Return what is computed, or why it could not be."""
    try:
        return compute(), ""
    except (KeyboardInterrupt, TrainingInterruptedError, SystemExit):
        raise TrainingInterruptedError("interrupted") from None
    except Exception as error:  # whatever a stranger's forecaster throws
        return None, reason(error)
