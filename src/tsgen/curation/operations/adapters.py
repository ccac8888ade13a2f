"""Functions of the user and other libraries as operations: a long table in, a long table out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError, MissingExtraError, SettingsError, TsgenError, nearest
from tsgen.rng import global_seed, numpy_stream

from .strangers import named_errors

__all__ = ["FunctionOperation", "synforecast"]

_CALLS = 20
_SYNFORECAST = ("augment", "dba", "mbb", "mixup")


@dataclass(frozen=True)
class FunctionOperation:
    """Any callable that makes series of series.

    Its `seed` argument is given if it has one; NumPy's global generator is seeded anyway. What it
    returns may contain the real series, which are left out by their ids. If a call gives fewer
    series than asked for, it is called again with another seed.

    Attributes:
        function: Called with a long table (item_id, timestamp, target), or with the dataset;
            returns a long table or a GluonTS dataset.
        name: What tables and `info` call it.
        takes: What it is called with.
        settings: What the function was made with, for the record of an operation that is saved.

    Example:
        >>> from tsgen.data import simulate_series
        >>> def doubled(table):
        ...     return table.assign(target=2 * table["target"], item_id=table["item_id"] + "x")
        >>> real = simulate_series(num_series=2, length=48, seed=1)
        >>> made = FunctionOperation(doubled, "doubled")(real, 1.0, seed=5)
        >>> bool((made.values == 2 * real.values).all())
        True
    """

    function: Callable[..., Any]
    name: str
    takes: Literal["table", "dataset"] = "table"
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series; see `Operation`.

        Raises:
            DataError: The function failed, or gave no table, other frequencies or too few series.
        """
        count = round(ratio * len(dataset))
        if count == 0:
            raise SettingsError(
                f"ratio={ratio} of {len(dataset)} series is no series; raise the ratio."
            )
        parts: list[SeriesDataset] = []
        for call in range(_CALLS):
            parts.append(self._call(dataset, seed, call))
            if sum(map(len, parts)) >= count:
                joined = parts[0] if len(parts) == 1 else SeriesDataset.concat(parts)
                return self._renamed(joined.subset(np.arange(count)), dataset)
        raise DataError(
            f"'{self.name}' gave {sum(map(len, parts))} new series in {_CALLS} calls; {count} are "
            "needed. Let it return more, or lower the ratio."
        )

    def _call(self, dataset: SeriesDataset, seed: int, call: int) -> SeriesDataset:
        """Call the function once and check what it gives."""
        given = dataset if self.takes == "dataset" else _plain_table(dataset)
        number = int(numpy_stream(seed, self.name, call).integers(2**31))
        seeded = {"seed": number} if "seed" in _parameters(self.function) else {}
        with named_errors(self.name), global_seed(number):
            returned = self.function(given, **seeded)
        made = self._checked(returned, dataset)
        ids = tuple(f"{self.name}/{call}/{i}" for i in range(len(made)))
        return replace(made, item_ids=ids)

    def _checked(self, returned: Any, dataset: SeriesDataset) -> SeriesDataset:
        """Return the new series among what a function returned."""
        if not hasattr(returned, "__len__") or not len(returned):
            given = "an empty table" if hasattr(returned, "__len__") else repr(returned)
            raise DataError(f"'{self.name}' gave {given}; it must give a table of new series.")
        try:
            made = as_series(returned)
        except TsgenError as error:
            raise DataError(f"What '{self.name}' gave cannot be read: {error}") from error
        if made.freq != dataset.freq:
            raise DataError(
                f"'{self.name}' gave series of freq={made.freq!r}; the data have {dataset.freq!r}."
            )
        real = set(map(str, dataset.item_ids))
        fresh = [i for i, item_id in enumerate(made.item_ids) if str(item_id) not in real]
        if not fresh:
            raise DataError(
                f"'{self.name}' gave only series whose ids are those of the data; new series need "
                "ids of their own."
            )
        return made.subset(fresh)

    def _renamed(self, made: SeriesDataset, dataset: SeriesDataset) -> SeriesDataset:
        """Return the series with our ids, and the static columns of the data where they agree."""
        rows = np.arange(len(made)) % len(dataset)
        return replace(
            made,
            item_ids=tuple(f"synthetic/{self.name}/{i}" for i in range(len(made))),
            static_cat=dataset.static_cat[rows],
            static_names=dataset.static_names,
            static_categories=dataset.static_categories,
            static_real=dataset.static_real[rows],
            timezone=dataset.timezone,
            label=dataset.label,
            info=tuple({"synthetic": True, "model": self.name} for _ in range(len(made))),
        )


def synforecast(method: str = "augment", **settings: Any) -> FunctionOperation:
    """Return a method of SynForecast's `SynAugment` as an operation.

    Args:
        method: "augment" (fit and simulate), "mixup", "mbb" or "dba".
        **settings: Arguments of the method.

    Raises:
        SettingsError: Another method.
        MissingExtraError: SynForecast is not installed.
    """
    if method not in _SYNFORECAST:
        raise SettingsError(
            f"SynForecast has no method '{method}'.{nearest(method, _SYNFORECAST)} Use one of "
            f"{', '.join(_SYNFORECAST)}."
        )
    try:
        from synforecast import SynAugment
    except ImportError:
        raise MissingExtraError(
            "This needs SynForecast; install it with pip install 'tsgen-forecasting[synforecast]'."
        ) from None
    ours, theirs = ["item_id", "timestamp", "target"], ["unique_id", "ds", "y"]

    def call(table: pd.DataFrame, seed: int) -> pd.DataFrame:
        renamed = table.rename(columns=dict(zip(ours, theirs, strict=True)))
        made = getattr(SynAugment(seed=seed), method)(renamed, **settings)
        return made.rename(columns=dict(zip(theirs, ours, strict=True)))  # type: ignore[no-any-return]

    return FunctionOperation(call, f"synforecast-{method}", settings=settings)


def _plain_table(dataset: SeriesDataset) -> pd.DataFrame:
    """Return the long table of three columns, ids as text and times without a zone."""
    plain = replace(dataset, timezone=None, info=None)
    table = plain.to_frame()[["item_id", "timestamp", "target"]]
    return table.assign(item_id=table["item_id"].astype(str))


def _parameters(function: Callable[..., Any]) -> set[str]:
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some compiled callables do not say
        return set()
