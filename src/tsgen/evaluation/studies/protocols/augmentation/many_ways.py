"""The protocol "many-ways": as "helps", with all ways of a dataset in one cell.

They are judged beside the same reference forecasters of real series alone, and those that draw from
one generator share its training. A cell is one draw of the series of one dataset.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tsgen.curation import Candidate, Operation, Race, Validation
from tsgen.data import SeriesDataset
from tsgen.errors import TsgenError
from tsgen.training import threads

from ...sources import StudySources
from .helps import JudgedWay, drawn_series, gain_measures, judged_way

__all__ = ["many_ways"]


def many_ways(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Judge all ways of the study on one draw of the series of a dataset.

    The study is that of "helps" and has `ways`; the arm `data` and `prediction_length`, and may
    have `test_windows`, `spare` and `last`.
    """
    begin = time.process_time()
    length, windows = arm["prediction_length"], arm.get("test_windows", 3)
    whole = drawn_series(sources.series(arm["data"]), study, arm, seed)
    validation = Validation.of(whole, length, windows)
    with threads(1):
        ways, failed = _ways(validation.before(0), study, arm, seed)
        operations = {name: made for way in ways.values() for name, made in way.operations.items()}
        learner = study.get("learner", "network")
        race = Race(validation, operations, seed=seed, learner=learner)
        candidates = [way.candidate for way in ways.values()]
        race.run(candidates, study["reference_seeds"], study["draws"])
    judged = [_judged(name, way, race) for name, way in ways.items() if _ran(way, race)]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "series": len(validation.usable),
        "failed": failed | race.failed,
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
    return JudgedWay(Candidate(name, parts), operations, way.said, way.facts)


def _ran(way: JudgedWay, race: Race) -> bool:
    return way.candidate in race.losses


def _judged(name: str, way: JudgedWay, race: Race) -> dict[str, Any]:
    """Return what is kept of one way."""
    said = {} if way.said is None else {"parts": [list(part) for part in way.candidate.parts]}
    measures = gain_measures(race.gain(way.candidate), way.said)
    return {"way": name, "measures": measures, **said, **way.facts}
