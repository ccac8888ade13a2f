"""Readers of series and events for calls that take data, but no arguments of reading."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from tsgen.errors import DataError, TsgenWarning

from .events import Interactions, ReadOptions
from .series import MultivariateDataset, SeriesDataset, to_dataset, to_series

__all__ = ["as_dataset", "as_interactions", "as_series"]

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
    return _as_given(to_dataset, "tsgen.to_dataset", partial(to_dataset, data, **columns))


def as_series(data: Any, **columns: Any) -> SeriesDataset:
    """Make a univariate dataset of what was given; see `as_dataset`.

    Raises:
        DataError: The data are multivariate, or break a rule of `to_dataset`.
    """
    return _as_given(to_dataset, "tsgen.to_dataset", partial(to_series, data, **columns))


def as_interactions(data: Any, options: ReadOptions | None = None) -> Interactions:
    """Make an event log of what was given; see `as_dataset`.

    Args:
        data: `Interactions`, which stay as they are, or a table as `Interactions.from_frame` takes
            it.
        options: How a log of these users was read: what it calls its columns. None has the usual
            names.

    Raises:
        DataError: The table breaks a rule of `Interactions.from_frame`; a message that names its
            arguments says that they are its.
    """
    if isinstance(data, Interactions):
        return data
    reader = Interactions.from_frame
    read = partial(reader, data) if options is None else partial(Interactions.like, data, options)
    return _as_given(reader, "tsgen.Interactions.from_frame", read)


def _as_given(reader: Callable[..., Any], name: str, read: Callable[[], _Given]) -> _Given:
    """Read, and say of the arguments in errors and warnings that they are the reader's."""
    arguments = re.compile(rf"\b({'|'.join(list(inspect.signature(reader).parameters)[1:])})=")

    def naming(text: str) -> str:
        whose = f" Such arguments are those of {name}: read the data with it first."
        return text + whose if arguments.search(text) else text

    try:
        with _reworded(naming):
            return read()
    except DataError as error:
        error.args = (naming(str(error)),)
        raise


@contextmanager
def _reworded(reword: Callable[[str], str]) -> Iterator[None]:
    """Show our warnings of a block in other words; what a filter does with them stays."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def other(message: Warning | str, category: type[Warning], *place: Any, **to: Any) -> None:
            ours = issubclass(category, TsgenWarning)
            show(category(reword(str(message))) if ours else message, category, *place, **to)

        warnings.showwarning = other
        yield
