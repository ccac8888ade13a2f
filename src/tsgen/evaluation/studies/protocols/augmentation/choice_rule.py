"""The protocol "choice-rule": what would a rule that decides have done, for a linear forecaster?

As "helps", but the forecasters are ridge regressions in closed form, so that many choices cost
little: a cell is several draws of the series of one dataset. In each, every operation at every
share is judged on windows inside the known part; the best is then judged on later windows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tsgen.curation import SHARES, Candidate, Race, Transform, Validation
from tsgen.data import SeriesDataset
from tsgen.training import threads

from ...sources import StudySources
from .helps import drawn_series, gain_measures

__all__ = ["choice_rule"]

_REPEATS = 1000
"""Draws of the series of two seeds differ."""


def choice_rule(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Make and judge `repeats` choices.

    The study has `num_series`, `candidates`, `draws`, `repeats` and `part`; the arm `data`,
    `prediction_length`, and may have `test_windows` and `spare`.
    """
    begin = time.process_time()
    dataset = sources.series(arm["data"])
    with threads(1):
        choices = [
            _choice(drawn_series(dataset, study, arm, _REPEATS * seed + k), study, arm, k)
            for k in range(study["repeats"])
        ]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "choices": choices,
        "measures": {f"change {k}": c["measures"]["change"] for k, c in enumerate(choices)},
    }


def _choice(
    whole: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Return what was chosen on the known part, and what came of it."""
    length = arm["prediction_length"]
    later = Validation.of(whole, length, arm.get("test_windows", 3))
    operations = {name: Transform(name) for name in study["candidates"]}
    first = Race(Validation.of(later.before(0), length), operations, seed=seed, learner="linear")
    every = [Candidate.of(name, share) for name in operations for share in SHARES]
    best = first.run(every, 1, study["draws"])[0]
    second = Race(later, operations, seed=seed + _REPEATS, learner="linear")
    second.run([best], 1, study["draws"])
    measures = gain_measures(second.gain(best), first.gain(best))
    return {"candidate": best.name, "measures": measures}
