"""Sizes and rates of the groups of a facet, by fairlearn's `MetricFrame`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.arrays import AnyArray
from tsgen.errors import MissingExtraError

from ..facets import Facet
from .counts import Selection, divide

__all__ = ["group_rows"]


def group_rows(facet: Facet, selection: Selection) -> list[dict[str, Any]]:
    """Return for each group: users, share taken, and with outcomes their share, recall, precision.

    Raises:
        MissingExtraError: fairlearn is not installed.
    """
    count, frame = _fairlearn()
    judged = not np.isnan(selection.acted).any()
    metrics: dict[str, Any] = {"users": count, "share_taken": _mean_taken(selection.places)}
    if judged:
        metrics |= {"share_acted": _mean_acted(selection.places), "recall": _recall,
                    "precision": _precision}  # fmt: skip
    names = np.array(facet.groups, object)[facet.codes]
    hits = {"hits": selection.hits}
    params = {name: hits for name in ("recall", "precision") if judged}
    rates = frame(
        metrics=metrics,
        y_true=selection.acted if judged else np.zeros(len(selection)),
        y_pred=selection.selected,
        sensitive_features=names,
        sample_params=params,
    ).by_group
    order = [group for group in facet.groups if group in rates.index]
    return [{"facet": facet.name, "group": group} | _plain(rates.loc[group]) for group in order]


def _fairlearn() -> tuple[Any, Any]:
    try:
        from fairlearn.metrics import MetricFrame, count
    except ImportError:
        raise MissingExtraError(
            "A bias report needs the package fairlearn, which is not installed; install it with: "
            'pip install "tsgen-forecasting[responsible]"'
        ) from None
    return count, MetricFrame


def _plain(row: Any) -> dict[str, Any]:
    numbers = {str(name): float(value) for name, value in row.items()}
    return numbers | {"users": int(numbers["users"])}


def _mean_taken(places: int) -> Any:
    return lambda y_true, y_pred: float(np.mean(y_pred)) / places


def _mean_acted(places: int) -> Any:
    return lambda y_true, y_pred: float(np.mean(y_true)) / places


def _recall(y_true: AnyArray, y_pred: AnyArray, hits: AnyArray) -> float:
    return float(divide(np.sum(hits), np.sum(y_true)))


def _precision(y_true: AnyArray, y_pred: AnyArray, hits: AnyArray) -> float:
    return float(divide(np.sum(hits), np.sum(y_pred)))
