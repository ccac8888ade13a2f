"""The protocol "many-ways": as "helps", with all ways of a dataset in one cell.

They are judged beside the same forecasters of real series alone (the reference networks, or one of
GluonTS), and those that draw from one generator share its training. A cell is one draw of the
series of one dataset.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tsgen.curation import (
    Candidate,
    Cells,
    Gain,
    Operation,
    Race,
    Validation,
    judgement,
    user_forecaster,
)
from tsgen.data import SeriesDataset
from tsgen.errors import TsgenError
from tsgen.training import threads

from ....forecast import Forecaster, NamedEstimator
from ...sources import StudySources
from .helps import JudgedWay, drawn_series, gain_measures, judged_way

__all__ = ["many_ways"]


def many_ways(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Judge all ways of the study on one draw of the series of a dataset.

    The study is that of "helps" and has `ways`; the arm `data` and `prediction_length`, and may
    have `test_windows`, `spare` and `last`. With `forecaster` (a name and settings) a GluonTS
    estimator judges them in place of the reference networks.
    """
    begin = time.process_time()
    length, windows = arm["prediction_length"], arm.get("test_windows", 3)
    whole = drawn_series(sources.series(arm["data"]), study, arm, seed)
    validation = Validation.of(whole, length, windows)
    with threads(1):
        ways, failed = _ways(validation.before(0), study, arm, seed)
        gains, unable = _gains(ways, validation, study, seed)
    able = {name: way for name, way in ways.items() if way.candidate in gains}
    judged = [_judged(name, way, gains[way.candidate]) for name, way in able.items()]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "series": len(validation.usable),
        "failed": failed | unable,
        "ways": judged,
        "measures": {way["way"]: way["measures"]["change"] for way in judged},
    }


@dataclass(frozen=True)
class _Pool:
    """Draws a number of series of its own, however many are asked for."""

    made_by: Operation
    size: float

    @property
    def name(self) -> str:
        return self.made_by.name

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        return self.made_by(dataset, self.size, seed=seed)


def _ways(
    past: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> tuple[dict[str, JudgedWay], dict[str, str]]:
    """Return the ways under names of their own, and why others could not be made."""
    made: dict[str, JudgedWay] = {}
    failed: dict[str, str] = {}
    for way in dict.fromkeys(settings["way"] for settings in study["ways"].values()):
        try:
            made[way] = judged_way(past, study, {**arm, "way": way}, seed)
        except TsgenError as error:
            failed[way] = str(error)
    ways = {
        name: _renamed(name, made[settings["way"]], settings)
        for name, settings in study["ways"].items()
        if settings["way"] in made
    }
    return ways, failed


def _renamed(name: str, way: JudgedWay, settings: Mapping[str, Any]) -> JudgedWay:
    """Return the way with operations of its own, at the share that is asked for.

    What a choice answers, and the proportions of a mixture, stay.
    """
    size = settings.get("pool", 2.0)
    operations = {f"{name}/{part}": _Pool(made, size) for part, made in way.operations.items()}
    scale = 1.0 if way.said is not None else settings.get("share", 0.5) / (1 - way.candidate.real)
    parts = tuple((f"{name}/{part}", scale * share) for part, share in way.candidate.parts)
    candidate = Candidate(name, parts, settings.get("annealed", 0))
    return JudgedWay(candidate, operations, way.said, way.facts)


def _gains(
    ways: Mapping[str, JudgedWay], validation: Validation, study: Mapping[str, Any], seed: int
) -> tuple[Mapping[Candidate, Gain], dict[str, str]]:
    """Return what each way gains with the forecasters of the study, and why others could not."""
    operations = {name: made for way in ways.values() for name, made in way.operations.items()}
    candidates = [way.candidate for way in ways.values()]
    if study.get("forecaster"):
        spec, freq = Forecaster(**study["forecaster"]), validation.learning.freq
        judge = user_forecaster(NamedEstimator(spec, freq, validation.prediction_length))
        shared = {  # as many series as the share says
            name: made.made_by if isinstance(made, _Pool) else made
            for name, made in operations.items()
        }
        judged = judgement(
            judge, validation, shared, candidates,
            draws=study["draws"], cells=Cells(None, None), seed=seed,
        )  # fmt: skip
        return judged.gains, {candidate.name: why for candidate, why in judged.failed.items()}
    race = Race(validation, operations, seed=seed, learner=study.get("learner", "network"))
    race.run(candidates, study["reference_seeds"], study["draws"])
    return {c: race.gain(c) for c in candidates if c in race.losses}, race.failed


def _judged(name: str, way: JudgedWay, gain: Gain) -> dict[str, Any]:
    """Return what is kept of one way."""
    said = {} if way.said is None else {"parts": [list(part) for part in way.candidate.parts]}
    return {"way": name, "measures": gain_measures(gain, way.said), **said, **way.facts}
