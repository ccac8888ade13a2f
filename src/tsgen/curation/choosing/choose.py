"""`choose_augmentation`: try many ways to make more series; say which helps, or that none does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError
from tsgen.training import threads

from ..operations import Maker, SynthesizerTraining
from .budget import Budget
from .candidates import makers_of
from .cells import Cells, identity_of, kept_seed
from .choice import AugmentationChoice
from .forecasters import user_forecaster
from .rounds import RoundPlan
from .rule import DecisionRule
from .search import Search
from .validation import Validation

__all__ = ["choose_augmentation"]


def choose_augmentation(
    dataset: Any,
    prediction_length: int,
    forecaster: Any = None,
    candidates: Sequence[Any] | Mapping[str, Any] | None = None,
    budget: str | float = "15min",
    *,
    seed: int | None = None,
    cells: str | Path | None = None,
    plan: RoundPlan | None = None,
    rule: DecisionRule | None = None,
    narrow: bool = True,
) -> AugmentationChoice:
    """Choose which series to add to a training set, or none.

    Candidates are judged on rolling windows at the end of `dataset`, which generators and
    forecasters do not learn from: give the training part alone, your test part is yours. Many small
    quantile networks, trained at once, learn from real series alone and from real series with those
    of a candidate; rounds of successive halving give the better candidates more draws and seeds.
    Before the first, `SourceWeights` and `PolicySearch` leave out what both say harms, say which
    shares to try, and add two candidates: the weighted mixture of all, and the policy. A candidate
    is taken if its loss is lower by enough standard errors (over series, windows, draws and seeds)
    and enough is to be expected, see `DecisionRule`; else the answer is none. The chosen way is
    trained anew on all of `dataset`.

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
        rule: How sure one must be before anything but none is taken.
        narrow: Narrow candidates and shares before the first round; `facts["narrowing"]` says by
            what.

    Raises:
        DataError: Multivariate or synthetic data, too few or too short or constant series, or a
            forecaster that fails on every candidate.
        SettingsError: An impossible prediction_length, budget or candidate.
        TrainingInterruptedError: Ctrl-C; finished parts are kept in `cells`.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=6, length=120, seed=1)
        >>> plan = RoundPlan((1, 1, 2), (1, 1, 2), kept=(1, 1), max_steps=50)
        >>> choice = choose_augmentation(real, 6, candidates=["mixing"], plan=plan, seed=1)
        >>> len(choice.dataset) >= len(real)
        True
    """
    folder = None if cells is None else Path(cells)
    real, length = _real(dataset), _steps(prediction_length)
    makers = makers_of(candidates)
    judge = None if forecaster is None else user_forecaster(forecaster)
    spending = Budget.of(budget, len(makers), _num_generators(makers))
    validation = Validation.of(real, length)
    seed = kept_seed(folder, seed)
    tried = {name: identity_of(maker) for name, maker in makers.items()}
    facts = [real.fingerprint(), length, tried, spending.seconds, seed, plan, narrow]
    kept = Cells(folder, facts)
    try:
        with threads(1):
            search = Search(
                real, validation, makers, spending, kept, seed, plan, rule, narrow=narrow
            )
            return search.choice(judge)
    except (KeyboardInterrupt, SystemExit, TrainingInterruptedError):  # Lightning's is the second
        raise TrainingInterruptedError(
            "The choice was interrupted, and nothing of it was kept; with cells=FOLDER the same "
            "call would go on where it stopped."
            if folder is None
            else f"The choice was interrupted; finished parts are kept in {folder}. The same call "
            "goes on with the rest."
        ) from None


def _real(dataset: Any) -> SeriesDataset:
    """Return the dataset of real series that a choice can be made for."""
    whole = as_dataset(dataset)
    if isinstance(whole, MultivariateDataset):
        raise DataError(
            f"The data have {len(whole.channels)} channels; a choice is made for univariate "
            "series. Give every channel as a series of its own: a long table with an item_id for "
            "each channel, or dataset.series in Python."
        )
    if whole.dynamic is not None:
        raise DataError(
            f"The data have features that change in time ({', '.join(whole.dynamic.names)}), which "
            "the forecasters that choose do not read; read the data without them: name no dynamic "
            "columns, or, where entries have them, to_dataset(data, dynamic_features='drop')."
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
