"""The protocol "helps": does a way to add series help, on a later part that no choice has seen?

A cell is one draw of the series of one dataset and one `way`: the answer of `choose_augmentation`
("auto"), a policy, a weighted mixture, or any operation by its name at a fixed share. Reference
forecasters learn from the real series alone and from both, and are compared on the last windows of
the same series. The part "validation" cuts those off first, and takes its windows before them.

"auto" is never "none" here: its best candidate is judged whatever the rule says, so that every rule
can be held against what came ("estimate", "sureness" and "expected" are what the choice said).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tsgen.curation import (
    DEFAULT_CANDIDATES,
    Candidate,
    DecisionRule,
    Gain,
    Operation,
    PolicySearch,
    Race,
    RoundPlan,
    SynthesizerTraining,
    Validation,
    choose_augmentation,
    narrowed,
    operation,
)
from tsgen.data import SeriesDataset
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions, threads

from ...sources import StudySources

__all__ = ["JudgedWay", "drawn_series", "gain_measures", "helps", "judged_way"]

_TEST_WINDOWS = 3
_SPARE = 8
"""Prediction lengths of history that a series needs before the tested windows."""

_SHARE = 0.5
_MIXTURE = "weighted mixture"
_ALWAYS = DecisionRule(-math.inf, -math.inf)


def helps(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Judge the arm's way on one draw of the series of its dataset.

    The study has `num_series`, `reference_seeds`, `draws`, `generator_budget` (processor seconds),
    for "auto" `plan` (seeds, draws, kept), and may have `candidates` and `choice_budget`; the arm
    `data`, `prediction_length` and `way`, and may have `share`, `test_windows` and `spare`.
    """
    begin = time.process_time()
    length, windows = arm["prediction_length"], arm.get("test_windows", _TEST_WINDOWS)
    whole = drawn_series(sources.series(arm["data"]), study, arm, seed)
    validation = Validation.of(whole, length, windows)
    with threads(1):
        way = judged_way(validation.before(0), study, arm, seed)
        race = Race(validation, way.operations, seed=seed)
        race.run([way.candidate], study["reference_seeds"], study["draws"])
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "candidate": way.candidate.name,
        "series": len(validation.usable),
        "measures": gain_measures(race.gain(way.candidate), way.said),
        **way.facts,
    }


@dataclass(frozen=True)
class JudgedWay:
    """What is judged.

    Attributes:
        candidate: How much of which operation.
        operations: What makes the series.
        said: What the choice expected of it, if there was one.
        facts: What else is worth keeping.
    """

    candidate: Candidate
    operations: Mapping[str, Operation]
    said: Gain | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def drawn_series(
    dataset: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> SeriesDataset:
    """Return the draw of the series, cut before the windows of the test part if it is not asked."""
    length, windows = arm["prediction_length"], arm.get("test_windows", _TEST_WINDOWS)
    hidden = _TEST_WINDOWS * length if study["part"] == "validation" else 0
    needed = (windows + arm.get("spare", _SPARE)) * length + hidden
    able = np.flatnonzero(dataset.lengths >= needed)
    values = [dataset.series(int(row)) for row in able]
    able = able[[bool(np.nanmax(v) > np.nanmin(v)) for v in values]]
    stream = numpy_stream(seed, "series of", arm["data"])
    chosen = np.sort(stream.permutation(able)[: study["num_series"]])
    ends = dataset.lengths[chosen] - hidden
    kept = np.minimum(ends, arm.get("last") or ends)
    return dataset.cut(chosen, ends - kept, ends)


def judged_way(
    past: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> JudgedWay:
    """Return the arm's way, made of what is known before the tested windows alone."""
    name, share = arm["way"], arm.get("share", _SHARE)
    if name == "auto":
        return _chosen(past, study, arm, seed)
    if name in {"policy", "uniform"}:
        policy = PolicySearch(arm["prediction_length"], seed=seed).fit(past)
        made = policy if name == "policy" else policy.uniform()
        return JudgedWay(Candidate.of(name, share), {name: made})
    if name == "mixture":
        return _mixture(past, study, arm, seed)
    made_by = operation(name)
    if isinstance(made_by, SynthesizerTraining):
        made_by = made_by.fit(past, _options(study, seed))
    return JudgedWay(Candidate.of(name, share), {name: made_by})


def _chosen(
    past: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> JudgedWay:
    names = study.get("candidates", DEFAULT_CANDIDATES)
    candidates = {name: _on_cpu(name, study) for name in names}
    rounds: dict[str, Any] = {k: tuple(v) for k, v in study["plan"].items()}
    plan = RoundPlan(**rounds)
    choice = choose_augmentation(
        past, arm["prediction_length"], candidates=candidates, plan=plan, seed=seed, rule=_ALWAYS,
        narrow=study.get("narrow", True),
    )  # fmt: skip
    if choice.best is None:
        raise SettingsError(f"No candidate could be run: {choice.table['failed'].tolist()}.")
    tried = choice.table[["candidate", "change", "sureness", "runs"]].round(3)
    facts = {"table": tried.to_dict("records"), "narrowing": choice.facts["narrowing"]}
    return JudgedWay(choice.best, choice.operations, choice.gain, facts)


def _mixture(
    past: SeriesDataset, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> JudgedWay:
    names = study.get("candidates", DEFAULT_CANDIDATES)
    makers = {name: operation(name) for name in names}
    plain = {n: made for n, made in makers.items() if not isinstance(made, SynthesizerTraining)}
    inside = Validation.of(past, arm["prediction_length"])
    narrowing = narrowed(inside, plain, seed)
    way = next((way for way in narrowing.ways if way.label == _MIXTURE), None)
    if way is None:
        raise SettingsError(f"No mixture: the weights are {narrowing.facts['weights_together']}.")
    return JudgedWay(way.at(arm.get("share", _SHARE)), plain)


@dataclass(frozen=True)
class _OnProcessorSeconds:
    """Trains within processor seconds, whatever else the machine does."""

    training: SynthesizerTraining
    budget: str

    def train(self, dataset: SeriesDataset, *, options: TrainingOptions) -> Any:
        own = options.model_copy(
            update={"budget": TrainingOptions(budget=self.budget).budget, "budget_clock": "cpu"}
        )
        return self.training.train(dataset, own)


def _on_cpu(name: str, study: Mapping[str, Any]) -> Any:
    made_by = operation(name)
    if not isinstance(made_by, SynthesizerTraining):
        return made_by
    budget = study.get("choice_budget") or study["generator_budget"]
    return replace(made_by, synthesizer=_OnProcessorSeconds(made_by, budget))


def _options(study: Mapping[str, Any], seed: int) -> TrainingOptions:
    return TrainingOptions(
        seed=seed, budget=study["generator_budget"], budget_clock="cpu", device="cpu",
        progress=False,
    )  # fmt: skip


def gain_measures(came: Gain, said: Gain | None) -> dict[str, dict[str, float]]:
    """Return changes in per cent."""
    changes = {"change": came} if said is None else {"change": came, "estimate": said}
    measures = {
        name: {
            "value": round(100 * gain.change, 3),
            "low": round(100 * gain.low, 3),
            "high": round(100 * gain.high, 3),
        }
        for name, gain in changes.items()
    }
    if said is not None:
        measures["sureness"] = {"value": round(said.sureness, 3)}
        measures["expected"] = {"value": round(100 * said.expected, 3)}
    return measures
