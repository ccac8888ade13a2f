"""A dataset of ours that is given as data: it is what was asked for, or is refused."""

from __future__ import annotations

import warnings

from tsgen.errors import DataError, DataWarning

from ..channels import MultivariateDataset
from ..dataset import SeriesDataset
from ..times import normalise_freq
from .entry_features import OnDynamic

__all__ = ["as_asked"]


def as_asked(
    dataset: SeriesDataset | MultivariateDataset,
    freq: str | None,
    timezone: str | None,
    dynamic_features: OnDynamic,
) -> SeriesDataset | MultivariateDataset:
    """Return the dataset, unless something else was asked for.

    Raises:
        DataError: It has another frequency or zone, or features that were to be refused.

    Warns:
        DataWarning: Its features that change in time were left out.
    """
    if dynamic_features != "keep" and dataset.dynamic is not None:
        return _without_dynamic(dataset, dynamic_features)
    wanted = {"freq": freq and normalise_freq(freq), "timezone": timezone}
    for name, value in wanted.items():
        actual = getattr(dataset, name)
        if value is not None and value != actual:
            raise DataError(
                f"The dataset has {name}={actual!r}, but {name}={value!r} was asked for; "
                f"make it anew from its table, with {name}={value!r}.",
                field=name,
            )
    return dataset


def _without_dynamic(
    dataset: SeriesDataset | MultivariateDataset, on_dynamic: OnDynamic
) -> SeriesDataset | MultivariateDataset:
    """Return a dataset without its dynamic features, or refuse them."""
    names = ", ".join(dataset.dynamic.names) if dataset.dynamic else ""
    if on_dynamic == "error":
        raise DataError(
            f"The dataset has the dynamic features {names}; they were to be refused. Pass "
            "dynamic_features='drop' to leave them out."
        )
    warnings.warn(
        f"Features that change in time were left out of {len(dataset)} series: {names}.",
        DataWarning,
        stacklevel=4,
    )
    return dataset.with_dynamic(None)
