"""`choose_augmentation`: try many ways to make more series; say which helps, or that none does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError, TsgenError
from tsgen.progress import track
from tsgen.rng import resolve_seed
from tsgen.storage import write_atomically
from tsgen.training import TrainingOptions, threads

from ..operations import Maker, Operation, SynthesizerTraining
from ..reference import Member, NetworkSettings, train_stack
from .budget import Budget
from .candidates import SHARES, Candidate, augmented, makers_of
from .cells import Cells
from .choice import AugmentationChoice
from .forecasters import UserForecaster, reason, user_forecaster
from .gains import Gain, gain_of
from .rounds import Plan, Race
from .validation import Validation

__all__ = ["LEAST_EXPECTED", "SURENESS", "choose_augmentation"]

SURENESS = 2.0
"""Standard errors by which a candidate must be better before it is taken."""

LEAST_EXPECTED = 0.01
"""Expected gain under which nothing is taken."""

_FIRST_SHARE = 0.5
_TIMED = 24


def choose_augmentation(
    dataset: Any,
    prediction_length: int,
    forecaster: Any = None,
    candidates: Sequence[Any] | Mapping[str, Any] | None = None,
    budget: str | float = "15min",
    *,
    seed: int | None = None,
    cells: str | Path | None = None,
    plan: Plan | None = None,
) -> AugmentationChoice:
    """Choose which series to add to a training set, or none.

    Candidates are judged on rolling windows at the end of `dataset`, which generators and
    forecasters do not learn from: give the training part alone, your test part is yours. Many small
    quantile networks, trained at once, learn from real series alone and from real series with those
    of a candidate; rounds of successive halving give the better candidates more draws and seeds. A
    candidate is taken if its loss is lower by at least `SURENESS` standard errors (over series,
    windows, draws and seeds) and at least 1 % is to be expected; else the answer is none. The
    chosen way is trained anew on all of `dataset`.

    Args:
        dataset: A GluonTS dataset or a long table of real, univariate series.
        prediction_length: Steps that you forecast.
        forecaster: Your own, to judge the last few candidates by: a GluonTS estimator, or a
            function (long table, horizon) -> long table. None judges by the reference networks
            alone. It is trained once for real series alone and for each of the last candidates, and
            that time is not in `budget`.
        candidates: Ways to make series, or a mapping from names to them, as `operation` takes them;
            None is PSA-GAN and ten transforms.
        budget: Seconds, or "15min", for generators and reference networks together.
        seed: Same seed and plan, same numbers.
        cells: Folder of finished parts; a call that was interrupted goes on from there.
        plan: Seeds and draws of each round; None plans them once by timing, as the budget affords.
            `facts["plan"]` says which it was.

    Raises:
        DataError: Multivariate or synthetic data, too few or too short or constant series, or a
            forecaster that fails on every candidate.
        SettingsError: An impossible prediction_length, budget or candidate.
        TrainingInterruptedError: Ctrl-C; finished parts are kept in `cells`.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=6, length=120, seed=1)
        >>> plan = Plan((1, 1, 2), (1, 1, 2), kept=(1, 1), max_steps=50)
        >>> choice = choose_augmentation(real, 6, candidates=["mixing"], plan=plan, seed=1)
        >>> len(choice.dataset) >= len(real)
        True
    """
    folder = None if cells is None else Path(cells)
    seed = _kept_seed(folder, seed)
    real, length = _real(dataset), _steps(prediction_length)
    makers = makers_of(candidates)
    judge = None if forecaster is None else user_forecaster(forecaster)
    spending = Budget.of(budget, len(makers), _num_generators(makers))
    validation = Validation.of(real, length)
    kept = Cells(folder, [real.fingerprint(), length, sorted(makers), spending.seconds, seed, plan])
    try:
        with threads(1):
            return _Choosing(real, validation, makers, spending, kept, seed, plan).choice(judge)
    except (KeyboardInterrupt, TrainingInterruptedError):
        where = "nothing was kept: give cells=" if folder is None else f"they are kept in {folder}"
        raise TrainingInterruptedError(
            f"The choice was interrupted; finished parts: {where}. The same call goes on with the "
            "rest."
        ) from None


class _Choosing:
    """One choice: the operations, the rounds, the answer."""

    def __init__(
        self,
        real: SeriesDataset,
        validation: Validation,
        makers: dict[str, Maker],
        budget: Budget,
        cells: Cells,
        seed: int,
        plan: Plan | None,
    ) -> None:
        self.given = plan
        self.real, self.validation, self.makers = real, validation, makers
        self.budget, self.cells, self.seed = budget, cells, seed
        self.failed: dict[str, str] = {}

    def choice(self, judge: UserForecaster | None) -> AugmentationChoice:
        """Run the rounds and return the answer."""
        race = Race(self.validation, self._ready(self.validation.learning), self.cells, self.seed)
        plan = self._plan(race)
        race.settings = replace(race.settings, max_steps=plan.max_steps)
        last = self._halve(race, plan)
        gains = {candidate: race.gain(candidate) for candidate in race.losses}
        judged = {candidate: "reference" for candidate in gains}
        if judge is not None and last:
            own = self._judged(judge, race, last, plan.draws[2])
            gains |= own
            judged |= dict.fromkeys(own, "yours")
            last = sorted(own, key=lambda c: own[c].change)
        best = last[0] if last else None
        chosen = best if best is not None and _is_sure(gains[best]) else None
        operations, made = self._trained_anew(chosen)
        return AugmentationChoice(
            chosen,
            None if best is None else gains[best],
            best,
            _table(gains, judged, self.failed | race.failed),
            operations,
            self._facts(plan),
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

    def _trained_anew(self, chosen: Candidate | None) -> tuple[dict[str, Operation], SeriesDataset]:
        """Return the chosen operations, trained on all data, and the augmented dataset."""
        if chosen is None:
            return {}, self.real
        names = [name for name, _ in chosen.parts]
        ready = {name: self._fitted(name, self.makers[name], self.real) for name in names}
        return ready, augmented(self.real, chosen, ready, self.seed)

    # ---- rounds ---------------------------------------------------------------------------------

    def _plan(self, race: Race) -> Plan:
        """Return the plan that the budget affords, timed once and kept."""

        def timed() -> dict[str, Any]:
            self._draw_once(race)  # what is fitted once is not counted
            begin = time.perf_counter()
            self._draw_once(race)
            drawn = 2 * (time.perf_counter() - begin)
            member = _member_seconds(self.validation, race.settings)
            return asdict(self.budget.plan(member, drawn))

        if self.given is not None or not race.operations:
            return self.given or Plan()
        kept = self.cells.facts_of("plan", timed)
        lists = {name: tuple(kept[name]) for name in ("seeds", "draws", "kept")}
        return Plan(**lists, max_steps=kept["max_steps"])

    def _draw_once(self, race: Race) -> None:
        for made_by in race.operations.values():
            try:
                made_by(self.validation.learning, 1.0, seed=self.seed)
            except TsgenError:
                continue  # the first round says why

    def _halve(self, race: Race, plan: Plan) -> list[Candidate]:
        """Return the candidates of the last round, the best first."""
        first = [Candidate.of(name, _FIRST_SHARE) for name in race.operations]
        if not first:
            return []
        ranked = race.run(first, plan.seeds[0], plan.draws[0])
        names = [c.parts[0][0] for c in ranked[: plan.kept[0]]]
        second = [Candidate.of(name, share) for name in names for share in SHARES]
        ranked = race.run(second, plan.seeds[1], plan.draws[1]) if second else []
        last = ranked[: plan.kept[1]]
        return race.run(last, plan.seeds[2], plan.draws[2]) if last else []

    def _judged(
        self, judge: UserForecaster, race: Race, last: list[Candidate], draws: int
    ) -> dict[Candidate, Gain]:
        """Return what the user's forecaster gains by the last candidates."""
        gains: dict[Candidate, Gain] = {}
        learning, failures = self.validation.learning, []
        lost: dict[str, list[Array]] = {}
        for draw in range(draws):
            for candidate in (None, *last):
                name = "real alone" if candidate is None else candidate.name
                data = learning
                try:
                    if candidate is not None:
                        data = augmented(learning, candidate, race.operations, self.seed + draw)
                    run = self.cells.losses(
                        ["yours", repr(judge), name, draw],
                        lambda data=data, draw=draw: judge.losses(  # type: ignore[misc]
                            data, self.validation, self.seed + draw
                        ),
                    )
                except (TrainingInterruptedError, SystemExit):
                    raise TrainingInterruptedError("interrupted") from None
                except Exception as error:  # whatever a stranger's forecaster throws
                    if candidate is None:
                        raise DataError(
                            f"The forecaster fails on the real series alone: {reason(error)}"
                        ) from error
                    failures.append(f"{name}: {reason(error)}")
                    continue
                lost.setdefault(name, []).append(run)
        for candidate in last:
            if len(lost.get(candidate.name, [])) == draws:
                gains[candidate] = gain_of(
                    np.stack(lost[candidate.name]), np.stack(lost["real alone"])
                )
        if not gains:
            raise DataError(f"The forecaster fails on every candidate; {failures[0]}")
        return gains

    def _facts(self, plan: Plan) -> dict[str, Any]:
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
            "rule": f"{SURENESS:g} standard errors, {100 * LEAST_EXPECTED:g} % expected",
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


def _kept_seed(folder: Path | None, seed: int | None) -> int:
    """Return the seed: the one given, the one an interrupted call has kept, or a fresh one."""
    place = None if folder is None else folder / "seed.txt"
    if seed is None and place is not None and place.is_file():
        return int(place.read_text(encoding="utf-8"))
    seed = resolve_seed(seed)
    if place is not None:
        with write_atomically(place, overwrite=True) as file:
            file.write_text(str(seed), encoding="utf-8")
    return seed


def _is_sure(gain: Gain) -> bool:
    """Return whether a candidate is taken."""
    return gain.sureness >= SURENESS and gain.expected <= -LEAST_EXPECTED


def _table(
    gains: Mapping[Candidate, Gain], judged: Mapping[Candidate, str], failed: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row for each candidate, the best first, and for each that failed."""
    rows = [
        {
            "candidate": candidate.name,
            "change": 100 * gain.change,
            "low": 100 * gain.low,
            "high": 100 * gain.high,
            "expected": 100 * gain.expected,
            "sureness": gain.sureness,
            "runs": gain.runs,
            "forecaster": judged[candidate],
            "failed": None,
        }
        for candidate, gain in sorted(gains.items(), key=lambda pair: pair[1].change)
    ]
    rows += [{"candidate": name, "runs": 0, "failed": why} for name, why in failed.items()]
    return pd.DataFrame(rows)


def _real(dataset: Any) -> SeriesDataset:
    """Return the dataset of real series that a choice can be made for."""
    whole = to_dataset(dataset)
    if isinstance(whole, MultivariateDataset):
        raise DataError(
            f"The data have {len(whole.channels)} channels; a choice is made for univariate "
            "series. Give dataset.series, which has every channel as a series of its own."
        )
    if whole.synthetic.any():
        raise DataError(
            f"{int(whole.synthetic.sum())} of {len(whole)} series are synthetic; give the real "
            "ones alone."
        )
    return whole


def _steps(prediction_length: Any) -> int:
    whole = isinstance(prediction_length, int | np.integer)
    if isinstance(prediction_length, bool) or not whole or prediction_length < 1:
        raise SettingsError(
            f"prediction_length={prediction_length!r} is not possible; give a whole number from 1."
        )
    return int(prediction_length)


def _num_generators(makers: Mapping[str, Maker]) -> int:
    return sum(isinstance(maker, SynthesizerTraining) for maker in makers.values())
