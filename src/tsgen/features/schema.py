"""What the columns of a table of users or items are: categories, numbers or texts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.data import plain_value
from tsgen.errors import DataError, DataWarning, nearest

__all__ = ["Column", "Role", "TabularSchema", "tokens"]

Role = Literal["category", "number", "text"]

_WORD = re.compile(r"[^\W_]+")
_TEXT_SHARE = 0.05  # distinct values among the rows from which several words are a text
_TEXT_WORDS = 1.5
_LARGEST = 1e100  # numbers whose squares have a sum


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text, in lower case."""
    return _WORD.findall(text.lower())


@dataclass(frozen=True)
class Column:
    """A column. Attributes: name; role; categories, as text; mean and scale of numbers."""

    name: str
    role: Role
    categories: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class TabularSchema:
    """The columns that tell something, in order.

    Attributes:
        columns: These.
        silent: Names of the others, which are missing or the same everywhere.

    Example:
        >>> import pandas as pd
        >>> users = pd.DataFrame({"country": ["DE", "AT", "DE"], "age": [30, None, 50]})
        >>> schema = TabularSchema.infer(users)
        >>> [(column.name, column.role) for column in schema.columns]
        [('country', 'category'), ('age', 'number')]
        >>> schema.codes(pd.DataFrame({"country": ["AT", None, "CH"], "age": 0})).tolist()
        [[2], [0], [1]]
    """

    columns: tuple[Column, ...]
    silent: tuple[str, ...] = ()

    @classmethod
    def infer(
        cls,
        table: pd.DataFrame,
        *,
        categorical: Sequence[str] | None = None,
        numeric: Sequence[str] | None = None,
        text: Sequence[str] | None = None,
    ) -> Self:
        """Read the roles off a table: numbers are numbers, several words that vary are a text.

        Args:
            table: Without the column of ids.
            categorical: Columns that are categories, whatever they look like.
            numeric: Columns that are numbers.
            text: Columns that are texts.

        Raises:
            DataError: A column that is named is not there, or no column tells anything.
        """
        given: dict[str, Role] = {}
        for role, names in (("category", categorical), ("number", numeric), ("text", text)):
            for name in names or ():
                _present(table, name)
                given[name] = role  # type: ignore[assignment]
        columns: list[Column] = []
        silent: list[str] = []
        for name in table.columns:
            column = _column(table[name], str(name), given.get(name))
            if column is None:
                silent.append(str(name))
            else:
                columns.append(column)
        if not columns:
            raise DataError(
                "No column of the table tells one row from another: each is missing or the same "
                f"everywhere ({', '.join(silent) or 'there is none'}). Give attributes."
            )
        return cls(tuple(columns), tuple(silent))

    def of(self, role: Role) -> list[Column]:
        """Return the columns of a role."""
        return [column for column in self.columns if column.role == role]

    def categories(self) -> dict[str, tuple[str, ...]]:
        """Return the known categories, as text, by column."""
        return {column.name: column.categories for column in self.of("category")}

    def codes(self, table: pd.DataFrame) -> Integers:
        """Return the categories of a table, (n, categorical columns).

        0 is missing, 1 a category that the schema does not know, 2 and more those it does.
        """
        parts = []
        for column in self.of("category"):
            values = _as_text(_present(table, column.name))
            place = pd.Index(column.categories).get_indexer(pd.Index(values.fillna(""))) + 2
            parts.append(np.where(values.isna(), 0, np.maximum(place, 1)))
        return np.stack(parts, 1) if parts else np.zeros((len(table), 0), np.int64)

    def numbers(self, table: pd.DataFrame) -> Array:
        """Return the numbers, standardised by column, NaN where missing, (n, numeric columns).

        Raises:
            DataError: A column has something else than numbers.
        """
        parts = [(_numbers(_present(table, c.name)) - c.mean) / c.scale for c in self.of("number")]
        return np.stack(parts, 1) if parts else np.zeros((len(table), 0))

    def texts(self, table: pd.DataFrame) -> list[list[str]]:
        """Return the texts of each text column, "" where missing."""
        columns = (_present(table, column.name) for column in self.of("text"))
        return [_as_text(column).fillna("").tolist() for column in columns]

    def check(self, table: pd.DataFrame, what: str) -> None:
        """Say what a newer table lacks, and what of it is new.

        Args:
            table: Attributes.
            what: What the rows are, for messages.

        Raises:
            DataError: A column is not there, or has values of another kind.

        Warns:
            DataWarning: A column is missing in all rows, or has categories that are new, or is not
                of the schema.
        """
        if self.silent:
            _warn(
                "Columns that were missing or the same everywhere in training tell nothing and are "
                f"left out: {', '.join(self.silent)}."
            )
        for column in self.columns:
            if column.role == "number":
                _numbers(_present(table, column.name))
            if len(table) and _present(table, column.name).isna().all():
                _warn(f"Column '{column.name}' of the {what} is missing in all rows.")
        for column, codes in zip(self.of("category"), self.codes(table).T, strict=True):
            if new := int((codes == 1).sum()):
                _warn(f"{new} of {len(codes)} {what} have a '{column.name}' that training had not.")
        finite = {*self.silent, *(column.name for column in self.columns)}
        if further := [str(name) for name in table.columns if str(name) not in finite]:
            _warn(f"Columns of the {what} that are not used: {', '.join(further)}.")

    def to_json(self) -> dict[str, Any]:
        """Return JSON values that `from_json` takes back."""
        columns = [asdict(column) for column in self.columns]
        return {"columns": columns, "silent": list(self.silent)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return what `to_json` came from."""
        columns = (
            Column(**column | {"categories": tuple(column["categories"])})
            for column in saved["columns"]
        )
        return cls(tuple(columns), tuple(saved["silent"]))


def _column(values: pd.Series[Any], name: str, role: Role | None) -> Column | None:
    """Return what a column is, or None where it tells nothing."""
    role = role or _role(values)
    if role == "number":
        numbers = _numbers(values)
        finite = numbers[np.isfinite(numbers)]
        if not len(finite) or ((finite == finite[0]).all() and len(finite) == len(numbers)):
            return None
        if (largest := np.abs(finite).max()) > _LARGEST:
            raise DataError(
                f"Column '{name}' holds numbers as large as {largest:.3g}; give finite ones up to "
                f"{_LARGEST:g}, or leave the column out.",
                field=name,
            )
        return Column(name, role, mean=float(finite.mean()), scale=float(finite.std() or 1.0))
    given = _as_text(values)
    distinct = sorted(given.dropna().unique())
    if not distinct or (len(distinct) == 1 and not given.isna().any()):
        return None
    return Column(name, role, () if role == "text" else tuple(distinct))


def _role(values: pd.Series[Any]) -> Role:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return "number"
    given = _as_text(values).dropna()
    words = np.mean([len(tokens(text)) for text in given[:1000]]) if len(given) else 0
    varied = given.nunique() > _TEXT_SHARE * max(len(given), 1)
    return "text" if words > _TEXT_WORDS and varied else "category"


def _as_text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return values as text, None where they are missing or empty."""
    given = values.astype(object)
    texts = given.map(lambda value: str(plain_value(value)).strip(), na_action="ignore")
    if pd.api.types.is_float_dtype(values.dtype):  # whole numbers with gaps are floats
        texts = texts.str.removesuffix(".0")
    return texts.where(texts.notna() & (texts != ""), None)


def _numbers(values: pd.Series[Any]) -> Array:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    strange = np.isnan(numbers) & values.notna().to_numpy() | np.isinf(numbers)
    if strange.any():
        row = int(strange.argmax())
        raise DataError(
            f"Column '{values.name}' holds numbers, but row {row} has "
            f"{plain_value(values.iloc[row])!r}; give finite numbers, or leave it missing.",
            field=str(values.name),
            row=row,
        )
    return numbers


def _present(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in table.columns:
        raise DataError(
            f"The table has no column '{name}'.{nearest(name, list(table.columns))} It has: "
            f"{', '.join(map(str, table.columns[:20])) or 'none'}.",
            field=name,
        )
    return table[name]


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=4)
