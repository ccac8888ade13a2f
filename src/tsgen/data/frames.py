"""Frames of other libraries become pandas tables, or are refused with the line that converts them.

Eager frames and Series that narwhals knows (polars, pyarrow, Modin, cuDF) and whatever offers its
columns by the Arrow or the interchange protocol are read; lazy ones are asked to be collected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from tsgen.errors import DataError

__all__ = ["as_pandas", "conversion_of"]

_CALLS = ("to_pandas", "to_dataframe", "toPandas", "fetchdf", "execute", "to_arrow")
"""Methods by which tables of other libraries become frames, in the order of preference."""


def as_pandas(data: Any) -> Any:
    """Return a frame or Series of another library as that of pandas; anything else as it is.

    Whole numbers with nulls stay whole numbers, so that ids are not changed. Nothing is copied that
    is pandas already.

    Args:
        data: Anything.

    Raises:
        DataError: The frame is lazy: it has no rows before it is collected; or cells hold whole
            series.

    Example:
        >>> import pyarrow as pa
        >>> from tsgen.data import as_pandas
        >>> as_pandas(pa.table({"item_id": ["a"], "target": [1.5]})).columns.tolist()
        ['item_id', 'target']
    """
    if isinstance(data, pd.DataFrame):
        _refuse_nested(data)
    if isinstance(data, pd.DataFrame | pd.Series):
        return data
    frame = nw.from_native(data, pass_through=True, allow_series=True)
    if isinstance(frame, nw.LazyFrame):
        line = conversion_of(data)
        raise DataError(f"{_named(data)} is lazy and has no rows yet; give {line or 'its rows'}.")
    if isinstance(frame, nw.Series):
        return frame.to_pandas()
    if isinstance(frame, nw.DataFrame):
        return _of_arrow(frame.to_arrow())
    if hasattr(data, "__dataframe__") or _streams_columns(data):
        return _of_protocol(data)
    return data


def _refuse_nested(table: pd.DataFrame) -> None:
    """Refuse a table whose cells are series, as sktime nests them.

    Raises:
        DataError: They are; the message says what converts them.
    """
    first = () if table.empty else table.head(1).itertuples(index=False, name=None)
    for name, cell in zip(table.columns, next(iter(first), ()), strict=False):
        if isinstance(cell, pd.Series):
            raise DataError(
                f"The cells of the column '{name}' are whole series; give them by name: "
                f"dict(data['{name}']).",
                field=str(name),
            )


def conversion_of(data: Any, name: str = "data") -> str:
    """Return the expression that makes a frame of an object called `name`; "" if none is known."""
    for call in ("collect", "compute"):
        if callable(getattr(data, call, None)):
            return f"{name}.{call}()"
    offered = [call for call in _CALLS if callable(getattr(data, call, None))]
    if offered:
        return f"{name}.{offered[0]}()"
    rows = isinstance(data, list) and bool(data) and isinstance(data[0], Mapping)
    records = isinstance(data, np.ndarray) and data.dtype.names is not None
    return f"pandas.DataFrame({name})" if rows or records or isinstance(data, Mapping) else ""


def _of_arrow(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    return frame


def _of_protocol(data: Any) -> pd.DataFrame:
    """Return a table of an object that offers its columns by a protocol.

    Raises:
        DataError: It does not keep to the protocol.
    """
    import pyarrow as pa
    from pyarrow.interchange import from_dataframe

    try:
        table = pa.table(data) if _streams_columns(data) else from_dataframe(data)
    except Exception as error:  # of somebody else's implementation
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        line = conversion_of(data) or "a pandas DataFrame"
        raise DataError(
            f"{_named(data)} cannot be read as a table ({reason}); give {line}."
        ) from error
    return _of_arrow(table)


def _streams_columns(data: Any) -> bool:
    return hasattr(data, "__arrow_c_stream__") or (
        hasattr(data, "__arrow_c_array__") and hasattr(data, "schema")  # a batch, not an array
    )


def _named(data: Any) -> str:
    return f"A {type(data).__module__.split('.')[0]} {type(data).__name__}"
