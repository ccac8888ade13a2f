"""The search: rounds halve the candidates, the best is judged and trained anew."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, cast

from tsgen.data import SeriesDataset
from tsgen.errors import BudgetError, TrainingInterruptedError, TsgenError
from tsgen.progress import track
from tsgen.training import TrainingOptions

from ..operations import AlignedOperation, Maker, Operation, SynthesizerTraining
from ..policy import AugmentationPolicy
from ..reference import Member, NetworkSettings, train_stack
from .budget import Budget
from .candidates import Candidate, Way, augmented
from .cells import Cells
from .choice import AugmentationChoice
from .forecasters import UserForecaster, reason
from .judging import judgement
from .narrowing import Narrowing, all_ways, narrowed
from .rounds import Race, RoundPlan
from .rule import DecisionRule
from .table import candidate_table
from .validation import Validation

__all__ = ["Search"]

_FIRST_SHARE = 0.5

_TIMED = 24


class Search:
    """One choice: the operations, the rounds, the answer."""

    def __init__(
        self,
        real: SeriesDataset,
        validation: Validation,
        makers: dict[str, Maker],
        budget: Budget,
        cells: Cells,
        seed: int,
        plan: RoundPlan | None,
        rule: DecisionRule | None = None,
        *,
        narrow: bool = False,
    ) -> None:
        self.given, self.rule, self.narrow = plan, rule or DecisionRule(), narrow
        self.real, self.validation, self.makers = real, validation, makers
        self.budget, self.cells, self.seed = budget, cells, seed
        self.failed: dict[str, str] = {}

    def choice(self, judge: UserForecaster | None) -> AugmentationChoice:
        """Run the rounds and return the answer."""
        narrowing = self._narrowed(self._ready(self.validation.learning))
        race = Race(self.validation, narrowing.operations, self.cells, self.seed)
        plan = self._plan(race)
        race.settings = replace(race.settings, max_steps=plan.max_steps)
        last = self._halve(race, narrowing.ways, plan)
        gains = {candidate: race.gain(candidate) for candidate in race.losses}
        judged = {candidate: "reference" for candidate in gains}
        if judge is not None and last:
            own = judgement(
                judge, self.validation, race.operations, last,
                draws=plan.draws[2], cells=self.cells, seed=self.seed,
            )  # fmt: skip
            gains |= own.gains
            judged |= dict.fromkeys(own.gains, "yours")
            self.failed |= {c.name: f"with your forecaster: {why}" for c, why in own.failed.items()}
            last = sorted(own.gains, key=lambda c: own.gains[c].change)
        best = last[0] if last else None
        chosen = best if best is not None and self.rule.takes(gains[best]) else None
        operations, made = self._trained_anew(chosen, race.operations)
        return AugmentationChoice(
            chosen,
            None if best is None else gains[best],
            best,
            candidate_table(gains, judged, {**self.failed, **narrowing.left_out, **race.failed}),
            operations,
            self._facts(plan)
            | {"narrowing": {**narrowing.facts, "left_out": list(narrowing.left_out)}},
            made,
        )

    # ---- what makes the series ------------------------------------------------------------------

    def _ready(self, dataset: SeriesDataset) -> dict[str, Operation]:
        """Return the operations, the generators among them trained on `dataset`."""
        ready: dict[str, Operation] = {}
        for name, maker in track(list(self.makers.items()), "generators"):
            try:
                ready[name] = self._fitted(name, maker, dataset)
            except TrainingInterruptedError:
                raise
            except BudgetError as error:
                raise self.budget.refused(name, error.least) from None
            except TsgenError as error:
                self.failed[name] = reason(error)
        return ready

    def _fitted(self, name: str, maker: Maker, dataset: SeriesDataset) -> Operation:
        if not isinstance(maker, SynthesizerTraining):
            return maker
        options = TrainingOptions(
            seed=self.seed, budget=self.budget.generator_seconds, device="cpu", progress=False
        )
        about = ["model", name, dataset.fingerprint()]
        model = self.cells.model(about, lambda: maker.train(dataset, options))
        return maker.operation_of(model)

    def _narrowed(self, ready: dict[str, Operation]) -> Narrowing:
        """Return what enters the first round, and let the budget know how much it is."""
        narrowing = (
            narrowed(self.validation, ready, self.seed)
            if self.narrow and len(ready) > 1
            else all_ways(ready)
        )
        self.budget.num_operations = max(len(narrowing.ways), 1)
        return narrowing

    def _trained_anew(
        self, chosen: Candidate | None, judged: Mapping[str, Operation]
    ) -> tuple[dict[str, Operation], SeriesDataset]:
        """Return the chosen operations, trained on all data, and the augmented dataset."""
        if chosen is None:
            return {}, self.real
        ready = {name: self._anew(name, judged[name]) for name, _ in chosen.parts}
        return ready, augmented(self.real, chosen, ready, self.seed)

    def _anew(self, name: str, judged: Operation) -> Operation:
        """Return an operation trained on all data; a policy, with its generators."""
        if name in self.makers:
            return self._fitted(name, self.makers[name], self.real)
        if isinstance(judged, AugmentationPolicy):
            parts = {part: self._anew(part, made) for part, made in judged.operations.items()}
            return judged.with_operations(cast("dict[str, AlignedOperation]", parts))
        return judged

    # ---- rounds ---------------------------------------------------------------------------------

    def _plan(self, race: Race) -> RoundPlan:
        """Return the plan that the budget affords, timed once and kept."""

        def timed() -> dict[str, Any]:
            self._draw_once(race)  # what is fitted once is not counted
            begin = time.perf_counter()
            self._draw_once(race)
            drawn = 2 * (time.perf_counter() - begin)
            member = _member_seconds(self.validation, race.settings)
            return asdict(self.budget.plan(member, drawn))

        if self.given is not None or not race.operations:
            return self.given or RoundPlan()
        kept = self.cells.facts_of("plan", timed)
        lists = {name: tuple(kept[name]) for name in ("seeds", "draws", "kept")}
        return RoundPlan(**lists, max_steps=kept["max_steps"])

    def _draw_once(self, race: Race) -> None:
        for made_by in race.operations.values():
            try:
                made_by(self.validation.learning, 1.0, seed=self.seed)
            except TsgenError:
                continue  # the first round says why

    def _halve(self, race: Race, ways: tuple[Way, ...], plan: RoundPlan) -> list[Candidate]:
        """Return the candidates of the last round, the best first."""
        first = {way.at(_FIRST_SHARE): way for way in ways}
        if not first:
            return []
        ranked = race.run(list(first), plan.seeds[0], plan.draws[0])
        kept = [first[candidate] for candidate in ranked[: plan.kept[0]]]
        second = [way.at(share) for way in kept for share in way.shares]
        ranked = race.run(second, plan.seeds[1], plan.draws[1]) if second else []
        last = ranked[: plan.kept[1]]
        return race.run(last, plan.seeds[2], plan.draws[2]) if last else []

    def _facts(self, plan: RoundPlan) -> dict[str, Any]:
        return {
            "data": self.real.facts() | {"fingerprint": self.real.fingerprint()},
            "prediction_length": self.validation.prediction_length,
            "context_length": self.validation.context_length,
            "windows_a_series": self.validation.num_windows,
            "series_judged": len(self.validation.usable),
            "series_left_out": self.validation.left_out,
            "plan": asdict(plan),
            "generator_seconds": self.budget.generator_seconds,
            "budget_seconds": self.budget.seconds,
            "seconds": round(time.perf_counter() - self.budget.begin, 1),
            "rule": str(self.rule),
            "seed": self.seed,
        }


def _member_seconds(validation: Validation, settings: NetworkSettings) -> float:
    """Return what one of many networks costs, trained to the last step."""
    windows, every = validation.windows_of(validation.learning), settings.check_every
    members = [Member(k) for k in range(_TIMED)]
    for steps in (every, 2 * every):  # the first is not counted: torch loads parts of itself
        begin = time.perf_counter()
        short = replace(settings, max_steps=steps)
        train_stack(members, [windows], validation.stopping, short)
    return (time.perf_counter() - begin) * settings.max_steps / steps / len(members)
