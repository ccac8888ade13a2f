"""`to_dataset` and `to_series` for calls that take data, but no arguments of reading."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tsgen.errors import DataError

from .series import MultivariateDataset, SeriesDataset, to_dataset, to_series

__all__ = ["as_dataset", "as_series"]

_Given = TypeVar("_Given")


def as_dataset(data: Any, **columns: Any) -> SeriesDataset | MultivariateDataset:
    """Make a dataset of what was given to a call that takes no arguments of `to_dataset`.

    Args:
        data: See `to_dataset`.
        **columns: Arguments of `to_dataset` that the call knows by itself.

    Raises:
        DataError: The data break a rule of `to_dataset`; a message that names its arguments says
            that they are its.
    """
    return _as_given(to_dataset, data, columns)


def as_series(data: Any, **columns: Any) -> SeriesDataset:
    """Make a univariate dataset of what was given; see `as_dataset`.

    Raises:
        DataError: The data are multivariate, or break a rule of `to_dataset`.
    """
    return _as_given(to_series, data, columns)


def _as_given(read: Callable[..., _Given], data: Any, columns: Mapping[str, Any]) -> _Given:
    """Read, and say of the arguments in a message whose they are."""
    try:
        return read(data, **columns)
    except DataError as error:
        names = "|".join(list(inspect.signature(to_dataset).parameters)[1:])
        if re.search(rf"\b({names})=", text := str(error)):
            where = "Such arguments are those of tsgen.to_dataset: read the data with it first."
            error.args = (f"{text} {where}",)
        raise
