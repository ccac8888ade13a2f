"""May synthetic series be handed out in place of the real ones? `evaluate_share`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.curation import (
    Cells,
    Operation,
    SynthesizerTraining,
    identity_of,
    kept_seed,
    operation,
)
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError, TsgenError
from tsgen.results import StudyResult, library_versions
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions

from ..fidelity import evaluate_fidelity
from ..forecast import Forecaster
from .answer import share_answer, share_verdict
from .attack import COPYING, Attack, MembershipRate, check_attack, run_attack
from .utility import DEFAULT_FORECASTERS, Utility, compare_forecasters

__all__ = ["evaluate_share", "share_cost"]

_TEST_WINDOWS = 3
_LEAST_WINDOW = 8
_REACH = 3.92
"""Standard errors between the ends of a 95 % interval."""

_FIDELITY_WINDOWS, _FIDELITY_DRAWS = 300, 5


def evaluate_share(
    dataset: Any,
    prediction_length: int,
    synthesizer: Any = "psa-gan",
    *,
    budget: str | float | None = "60s",
    forecasters: Mapping[str, Forecaster] | None = None,
    seeds: Sequence[int] = (1,),
    num_references: int = 8,
    window_length: int | None = None,
    fidelity: bool = True,
    seed: int | None = None,
    device: str = "auto",
    command: str | None = None,
    on_cost: Callable[[str], object] | None = None,
    cells: str | Path | None = None,
) -> StudyResult:
    """Ask whether the series of a generator may be handed out in place of the real ones.

    Three things are measured. *Are they of use?* Forecasters are trained on the synthetic series
    alone and on the real ones, and tested on the last windows of the real series, which neither
    has. *Are they any good?* The measures of `evaluate_fidelity`. *Do they give the real ones
    away?* An attacker who sees the synthetic series, and can train models like the one that made
    them, guesses which windows it learnt from: the attack of Carlini et al. 2022, by likelihood
    ratio with reference models, each trained on a half of the series. What counts is how many
    members are found at 1 % false alarms, beside a generator that copies, and chance.

    The attacked model learns from half of the series, as many as a reference model; the series
    that are tested for use are of a model that learns from all.

    Args:
        dataset: Real, univariate series: a GluonTS dataset or a long table.
        prediction_length: Steps that forecasters forecast.
        synthesizer: What makes the series, as `tsgen.curation.operation` takes it: "psa-gan", an
            estimator with `train`, a transform, or a function.
        budget: Processor time of training one generator; `num_references` + 2 are trained. A
            `num_steps` of the synthesizer's own comes before it.
        forecasters: By name; ten reference networks, a ridge regression and DeepAR if None.
        seeds: Each trains every forecaster once.
        num_references: Reference models, an even number.
        window_length: Steps of the windows that are attacked; twice the prediction length if None.
        fidelity: Whether the measures of fidelity are among the numbers.
        seed: Same seed, same numbers where training does not depend on time.
        device: Where generators are trained.
        command: The command that repeats it, for the record.
        on_cost: Called with a sentence about the cost before anything is trained.
        cells: Folder of finished parts; a call that was interrupted goes on from there.

    Raises:
        DataError: Multivariate, synthetic, too few or too short series.
        SettingsError: An impossible setting.
        TrainingInterruptedError: Ctrl-C; finished parts are kept in `cells`.

    Example:
        >>> from tsgen.data import simulate_series
        >>> from tsgen.evaluation import Forecaster
        >>> real = simulate_series(num_series=8, length=96, seed=1)
        >>> linear = {"linear": Forecaster(estimator="reference_linear")}
        >>> options = {"forecasters": linear, "num_references": 2, "fidelity": False}
        >>> result = evaluate_share(real, 6, "mixing", seed=1, **options)
        >>> result.facts["verdict"] in {"no", "too few to say", "not useful", "yes"}
        True
    """
    real, length = _checked(dataset, prediction_length, num_references), prediction_length
    window = max(2 * length, _LEAST_WINDOW) if window_length is None else window_length
    judges, folder = (
        dict(forecasters or DEFAULT_FORECASTERS),
        None if cells is None else Path(cells),
    )
    maker = _Releases(synthesizer, budget, device)
    training, test = real.split(last=_TEST_WINDOWS * length)
    check_attack(training, window, num_references)
    begun = folder is not None and folder.is_dir()
    seed = kept_seed(folder, seed)
    about = [real.fingerprint(), length, window, maker.identity, num_references, seed]
    maker.seed, maker.cells = seed, Cells(folder, about)
    if on_cost is not None:
        cost = share_cost(maker.trains, num_references, maker.given, len(judges), len(seeds))
        on_cost(cost + (f" What is finished is in {folder} and not done again." if begun else ""))
    synthetic = cache(lambda: maker.release(training, num_references + 1))
    try:
        utilities = compare_forecasters(
            training, synthetic, real, length, judges, seeds, maker.cells
        )
        good: list[dict[str, Any]] = []
        not_measured: str | None = "not asked for"
        if fidelity:
            made = maker.cells.facts_of(
                "fidelity", lambda: _fidelity(training, synthetic(), test, window, seed)
            )
            good, not_measured = made["rows"], made["not_measured"]
        attack = run_attack(training, maker.release, window, num_references, seed, maker.cells)
    except (KeyboardInterrupt, SystemExit, TrainingInterruptedError):  # Lightning's is the second
        raise TrainingInterruptedError(
            "The study was interrupted, and nothing of it was kept; with cells=FOLDER the same "
            "call would go on where it stopped."
            if folder is None
            else f"The study was interrupted; finished parts are kept in {folder}. The same call "
            "goes on with the rest."
        ) from None
    facts = {
        "study": "share",
        "verdict": share_verdict(attack, utilities),
        "data": real.facts() | {"fingerprint": real.fingerprint()},
        "synthesizer": maker.name,
        "settings": {
            "prediction_length": length, "window_length": window, "budget": maker.given,
            "num_references": num_references, "seeds": list(seeds),
        },
        "windows": {
            "members": attack.num_members, "non_members": attack.num_non_members,
            "left_out": attack.left_out,
        },
        "fidelity_not_measured": not_measured,
        "seed": seed,
        "versions": library_versions(),
        "command": command,
    }  # fmt: skip
    rows = [*_attack_rows(attack), *map(_utility_row, utilities), *good]
    table = pd.DataFrame(rows).assign(protocol="share", seed=seed)
    return StudyResult(table, share_answer(attack, utilities), facts)


def share_cost(
    trains: bool, num_references: int, budget: str | float | None, forecasters: int, seeds: int
) -> str:
    """Return what a study will train, in a sentence."""
    seconds = TrainingOptions(budget=budget).budget
    whole = (
        "" if seconds is None else f" ({(num_references + 2) * seconds / 60:.2g} minutes in all)"
    )
    each = f"{budget} of processor time each{whole}" if seconds else "to their last step"
    generators = (
        f"{num_references + 2} generators are trained, {each}: one to hand out, one that is "
        f"attacked, {num_references} reference models"
        if trains
        else "No generator is trained"
    )
    judges = f"{forecasters} forecasters are" if forecasters != 1 else "1 forecaster is"
    return f"{generators}. Then {judges} trained {2 * seeds} times{' each' * (forecasters != 1)}."


class _Releases:
    """Trains a generator on series, and hands out as many synthetic ones."""

    def __init__(self, synthesizer: Any, budget: str | float | None, device: str) -> None:
        self.maker, self.device = operation(synthesizer), device
        self.seed, self.cells = 0, Cells(None, None)
        steps = isinstance(self.maker, SynthesizerTraining) and self.maker.num_steps is not None
        self.given = None if steps else budget
        self.budget = TrainingOptions(budget=self.given).budget

    @property
    def name(self) -> str:
        return self.maker.name

    @property
    def identity(self) -> list[Any]:
        """What its series depend on, but for the data and the seed."""
        return [identity_of(self.maker), self.given, self.device]

    @property
    def trains(self) -> bool:
        """Whether there is anything to train."""
        return isinstance(self.maker, SynthesizerTraining)

    def release(self, series: SeriesDataset, number: int) -> SeriesDataset:
        """Return the synthetic series of a generator of its own."""
        seed = int(numpy_stream(self.seed, "release", number).integers(2**31))
        return self._ready(series, number, seed)(series, 1.0, seed=seed)

    def _ready(self, series: SeriesDataset, number: int, seed: int) -> Operation:
        maker = self.maker
        if not isinstance(maker, SynthesizerTraining):
            return maker
        options = TrainingOptions(
            seed=seed, budget=self.budget, budget_clock="cpu", device=self.device, progress=False
        )
        model = self.cells.model(["release", number], lambda: maker.train(series, options))
        return maker.operation_of(model)


def _checked(dataset: Any, length: int, num_references: int) -> SeriesDataset:
    """Return the series, long enough, real and univariate."""
    whole = as_dataset(dataset)
    if isinstance(whole, MultivariateDataset):
        raise DataError(
            f"The data have {len(whole.channels)} channels; this question is asked of univariate "
            "series. Give every channel as a series of its own: a long table with an item_id for "
            "each channel, or dataset.series in Python."
        )
    if whole.synthetic.any():
        raise DataError(
            f"{int(whole.synthetic.sum())} of {len(whole)} series are synthetic; give the real "
            "ones, the synthetic ones are made here."
        )
    if length < 1:
        raise SettingsError(f"prediction_length={length} is not possible; give at least 1.")
    if num_references < 2 or num_references % 2:
        raise SettingsError(
            f"num_references={num_references} is not possible; give an even number, such as 8."
        )
    needed = (_TEST_WINDOWS + 4) * length
    if (whole.lengths < needed).any():
        short = int(whole.lengths.argmin())
        raise DataError(
            f"Series {whole.item_ids[short]!r} has {whole.lengths[short]} steps; {needed} are "
            f"needed for prediction_length={length}. Lower it, or leave the "
            f"{int((whole.lengths < needed).sum())} shorter series out.",
            item_id=whole.item_ids[short],
        )
    return whole


def _fidelity(
    training: SeriesDataset, synthetic: SeriesDataset, test: SeriesDataset, window: int, seed: int
) -> dict[str, Any]:
    """Return the rows of the fidelity measures as JSON values, or why there are none."""
    length = min(window, int(test.lengths.min()))
    try:
        result = evaluate_fidelity(
            training, synthetic, test_dataset=test, target_length=length, seed=seed,
            num_windows=_FIDELITY_WINDOWS, draws=_FIDELITY_DRAWS, encoder=None,
        )  # fmt: skip
    except TsgenError as error:
        return {"rows": [], "not_measured": str(error)}
    table = result.table.assign(part="fidelity").astype(object)
    rows = [
        {
            str(key): getattr(value, "item", lambda value=value: value)()
            for key, value in row.items()
        }
        for row in table.to_dict("records")
    ]
    return {"rows": rows, "not_measured": None}


def _attack_rows(attack: Attack) -> list[dict[str, Any]]:
    at = f"{100 * attack.rate.false_positive_rate:g} %"
    rates: dict[str, MembershipRate] = {
        "generator": attack.rate,
        COPYING: attack.copying,
    }
    return [
        {
            "part": "attack", "arm": name,
            "metric": f"members found at {at} false alarms", "value": rate.value,
            "low": rate.low, "high": rate.high, "floor": rate.false_positive_rate,
            "better": "lower", "n": attack.num_members, "spread": (rate.high - rate.low) / _REACH,
        }
        for name, rate in rates.items()
    ]  # fmt: skip


def _utility_row(utility: Utility) -> dict[str, Any]:
    return {
        "part": "use", "arm": utility.forecaster, "metric": "mean_weighted_quantile_loss",
        "value": utility.synthetic, "floor": utility.real, "change": utility.change,
        "low": utility.low, "high": utility.high, "better": "lower", "n": utility.seeds,
        "spread": utility.real * (utility.high - utility.low) / _REACH,
    }  # fmt: skip
