"""`Facet`: who is in which group, nobody left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.data import read_numbers
from tsgen.data.events import Spellings
from tsgen.errors import DataError, SettingsError, nearest

from .terms import FacetTerms, Term, parse_facet
from .user_tables import AttributeTable

__all__ = ["OTHER_GROUP", "UNKNOWN_GROUP", "Facet", "FacetChoice", "read_facets"]

OTHER_GROUP, UNKNOWN_GROUP = "others", "unknown"
_MOST_GROUPS = 30

FacetChoice = str | Sequence[str] | Mapping[str, Any]
"""Facets by text ("gender", "age<25", "gender=F & age<25"); or by name, {"women": {"gender": "F"}},
or as columns and values, {"gender": "F", "age": "<25"}: one facet each."""


@dataclass(frozen=True, eq=False)
class Facet:
    """Groups of n members; everybody is in exactly one.

    A group is compared with all others whose attribute is known; those of whom it is not known,
    with everybody of whom it is. "others" are only compared with.

    Attributes:
        name: What is asked of the table.
        groups: Names of the groups.
        codes: (n,) the group of each member.

    Example:
        >>> import pandas as pd
        >>> from tsgen.responsible import attributes_of, read_facets
        >>> table = pd.DataFrame({"user_id": [1, 2, 3], "age": [20, 41, None]})
        >>> facet = read_facets(attributes_of(None, table), "age<25")[0]
        >>> facet.groups, facet.codes.tolist()
        (('age<25', 'others', 'unknown'), [0, 1, 2])
    """

    name: str
    groups: tuple[str, ...]
    codes: Integers

    @property
    def sizes(self) -> Integers:
        """(groups,) how many are in each."""
        return np.bincount(self.codes, minlength=len(self.groups))


def read_facets(table: AttributeTable, facets: FacetChoice) -> list[Facet]:
    """Return the groups that facets make of a population.

    Raises:
        SettingsError: There is no facet, or one names a column that is not there.
        DataError: A group has nobody in it, or a column has too many values for groups.
    """
    wanted = _all_terms(facets)
    if not wanted:
        raise SettingsError(
            "No facet is named, and none is chosen for you: say which groups to look at, such as "
            "'gender' or 'age<25'."
        )
    return [_facet(table.columns, terms) for terms in wanted]


def _all_terms(facets: FacetChoice) -> list[FacetTerms]:
    if isinstance(facets, str):
        return [parse_facet(facets)]
    if isinstance(facets, Mapping):
        return [
            parse_facet(value, str(name))
            if isinstance(value, Mapping)
            else parse_facet({name: value})
            for name, value in facets.items()
        ]
    return [parse_facet(one) for one in facets]


def _facet(columns: pd.DataFrame, facet: FacetTerms) -> Facet:
    for term in facet.terms:
        if term.column not in columns:
            raise SettingsError(
                f"The facet '{facet.name}' asks for the column '{term.column}', which the table of "
                f"attributes has not.{nearest(term.column, columns)} It has: "
                f"{', '.join(map(str, columns)) or 'none'}."
            )
    if facet.terms[0].operator == "any":
        return _by_value(columns[facet.terms[0].column], facet.name)
    inside = np.ones(len(columns), bool)
    outside = np.zeros(len(columns), bool)
    for term in facet.terms:
        column = columns[term.column]
        holds = _holds(column, term, facet.name)
        inside &= holds
        outside |= column.notna().to_numpy() & ~holds
    if not inside.any():
        raise DataError(
            f"Nobody of the {len(columns)} is in the group '{facet.name}'; "
            f"{_values_of(columns[facet.terms[0].column])}."
        )
    return Facet(facet.name, (facet.name, OTHER_GROUP, UNKNOWN_GROUP), _codes(inside, outside))


def _codes(inside: Mask, outside: Mask) -> Integers:
    """Return 0 inside, 1 where one condition surely fails, 2 where what is missing decides."""
    return np.where(inside, 0, np.where(outside, 1, 2)).astype(np.int64)


def _by_value(column: pd.Series[Any], name: str) -> Facet:
    codes, values = pd.factorize(column, sort=True)
    if len(values) > _MOST_GROUPS:
        raise SettingsError(
            f"The facet '{name}' would make {len(values)} groups; name values ('{name}=VALUE') or "
            f"a range ('{name}<NUMBER')."
        )
    if not len(values):
        raise DataError(f"The facet '{name}' is missing for everybody.")
    groups = (*(_group_of(value, name) for value in map(str, values)), UNKNOWN_GROUP)
    return Facet(name, groups, np.where(codes < 0, len(values), codes).astype(np.int64))


def _group_of(value: str, name: str) -> str:
    """Return the name of the group of a value: one that is called as ours are says of what."""
    return f"{name}={value}" if value in (OTHER_GROUP, UNKNOWN_GROUP) else value


def _holds(column: pd.Series[Any], term: Term, name: str) -> Mask:
    if term.operator == "in":
        return _one_of(column, term, name)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise SettingsError(
            f"The facet '{name}' asks for a range of '{term.column}', which is no number; "
            f"{_values_of(column)}."
        )
    numbers, bound = read_numbers(column), float(term.values[0])
    with np.errstate(invalid="ignore"):
        compared = {
            "<": numbers < bound,
            "<=": numbers <= bound,
            ">": numbers > bound,
            ">=": numbers >= bound,
        }
    return np.asarray(compared[term.operator])


def _one_of(column: pd.Series[Any], term: Term, name: str) -> Mask:
    codes, distinct = pd.factorize(column)
    distinct_values: pd.Index[Any] = pd.Index(np.asarray(distinct, object), dtype=object)
    meant = np.zeros(len(distinct_values), bool)
    for value, fitting in zip(
        term.values, Spellings(distinct_values).codes(list(term.values)), strict=True
    ):
        exact = distinct_values.isin([value])
        if not exact.any() and not len(fitting):
            raise DataError(
                f"Nobody is in the group '{name}': '{term.column}' is never {value!r}."
                f"{nearest(value, distinct_values)} There, {_values_of(column)}."
            )
        meant |= exact
        if not exact.any():
            meant[fitting] = True
    return np.asarray(np.append(meant, False)[codes])


def _values_of(column: pd.Series[Any]) -> str:
    values = column.dropna()
    if pd.api.types.is_numeric_dtype(values.dtype) and values.nunique() > _MOST_GROUPS:
        return f"its values go from {values.min():g} to {values.max():g}"
    shown = ", ".join(repr(v) for v in sorted(map(str, values.unique()))[:10])
    return f"its values are {shown or 'all missing'}"
