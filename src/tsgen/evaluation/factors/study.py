"""Which generalisation? Makers of windows, asked for combinations of factors that nobody saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed
from tsgen.training import TrainingOptions

from .answer import factor_answer
from .cells import FactorCell, FactorTask
from .makers import MAKERS
from .splits import SPLITS
from .worlds import WORLDS

__all__ = ["FORECAST_CHANGE", "NEW_SCORE", "SCORE", "evaluate_factors"]

SCORE = "R2"
NEW_SCORE = "R2 of values never seen"
FORECAST_CHANGE = "change of the forecast error"
_SHOWN = 3
"""Windows kept for pictures."""


def evaluate_factors(
    *,
    worlds: Sequence[str] = tuple(WORLDS),
    splits: Sequence[str] = tuple(SPLITS),
    makers: Sequence[str] = tuple(MAKERS),
    num_training: int = 800,
    num_asked: int = 400,
    budget: str = "60s",
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    command: str | None = None,
) -> StudyResult:
    """Ask makers of series for combinations of factors that were held out of their training.

    Two questions on simulated worlds: does an oracle read the asked factors off the made windows
    (R^2, 1 at best; "truth" is the world itself and checks the oracle), and is a forecaster that
    also saw the made windows better on real windows of combinations that nobody saw?

    Args:
        worlds: "waves" (amplitude, period, phase, trend), "shop" (season, class of store,
            promotion).
        splits: What is held out: "random", "composition" (values seen apart, never together),
            "interpolation" (values between seen ones), "extrapolation" (values beyond them).
        makers: "psa-gan", "vae", "mixing", "block-bootstrap", "truth".
        num_training: Training windows of each world and split.
        num_asked: Windows asked for, and as many real ones to test forecasts on.
        budget: Processor time of each training of PSA-GAN.
        settings: Of PSA-GAN, other than its defaults; `num_steps` takes the place of the budget.
        seed: Same seed, same numbers, but for the steps that a budget buys.
        command: The command that repeats it, for the record.

    Returns:
        A result of the kind "factors"; its table has the columns `world`, `split`, `maker`,
        `factor` ("mean" for the mean, scores below 0 as 0), and for forecasts `low` and `high`.

    Raises:
        SettingsError: There is no such world, split or maker, or the budget is no time.

    Example:
        >>> from tsgen.evaluation import evaluate_factors
        >>> result = evaluate_factors(
        ...     worlds=["shop"], splits=["random"], makers=["truth", "mixing"], num_training=200,
        ...     num_asked=50, seed=1,
        ... )
        >>> result.value("R2", maker="truth", factor="mean") > 0.99
        True
    """
    seed = resolve_seed(seed)
    TrainingOptions(budget=budget)  # refuses what is no time before the first cell
    sizes = {"num_training": num_training, "num_asked": num_asked, "budget": budget}
    asked = [(world, split, maker) for world in worlds for split in splits for maker in makers]
    cells = [
        FactorTask(world, split, seed, settings=dict(settings or {}), **sizes).run(maker)  # type: ignore[arg-type]
        for world, split, maker in track(asked, "cells")
    ]
    table = pd.DataFrame([row for cell in cells for row in _rows(cell)])
    facts = {
        "study": "factors", "seed": seed, "worlds": list(worlds), "splits": list(splits),
        "makers": list(makers), **sizes, "settings": dict(settings or {}),
        "cpu_seconds": {f"{c.task.world} {c.task.split} {c.maker}": c.cpu_seconds for c in cells},
        "versions": library_versions(), "command": command,
    }  # fmt: skip
    return StudyResult(table, factor_answer(table), facts, _pictures(cells))


def _rows(cell: FactorCell) -> list[dict[str, Any]]:
    """Return the rows of a cell."""
    task = cell.task
    common = {
        "spread": np.nan, "protocol": "factors", "n": task.num_asked, "seed": task.seed,
        "world": task.world, "split": task.split, "maker": cell.maker,
    }  # fmt: skip
    rows = []
    for metric, scores, mean in (
        (SCORE, cell.scores, cell.mean),
        (NEW_SCORE, cell.new_scores, cell.new_mean),
    ):
        named = [*zip(cell.factors, scores, strict=True), ("mean", mean)]
        rows += [
            {"metric": metric, "value": float(value), "better": "higher", "factor": name, **common}
            for name, value in named
            if np.isfinite(value)
        ]
    value, low, high = cell.forecast
    rows.append({
        "metric": FORECAST_CHANGE, "value": value, "better": "lower", "factor": "forecast",
        "low": low, "high": high, **common,
    })  # fmt: skip
    return rows


def _pictures(cells: Sequence[FactorCell]) -> dict[str, Any]:
    """Return a few made windows of each cell: "WORLD.SPLIT.MAKER" -> (3, L)."""
    return {f"{c.task.world}.{c.task.split}.{c.maker}": c.windows[:_SHOWN] for c in cells}
