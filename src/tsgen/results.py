"""`StudyResult`: what a study found, with all that is needed to believe and repeat it."""

from __future__ import annotations

import json
import platform
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from tsgen.arrays import AnyArray
from tsgen.displays import html_facts
from tsgen.errors import DataError, ModelFormatError, TsgenWarning
from tsgen.storage import (
    check_digests,
    check_files,
    check_readable,
    sealed,
    warn_of_unlisted,
    write_atomically,
)
from tsgen.version import __version__

__all__ = ["COLUMNS", "StudyResult", "floored_row", "library_versions"]

COLUMNS = (
    "metric",
    "value",
    "spread",
    "better",
    "protocol",
    "n",
    "seed",
)
_BETTER = {"lower", "higher", "one", "none"}
_FORMAT = 2
_HEADER = "result.json"
_HISTORY = "history."
_SHOWN = 20


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A tidy table of numbers, one sentence, and where they come from.

    Attributes:
        table: One row a number: `metric`, `value` and its `spread` over draws, `better` ("lower",
            "higher" or "one"), `protocol`, `n`, `seed`. Further columns belong to the kind of
            study: what real data score (fidelity), which row is meant (audience). All rows are of
            one protocol: numbers of two protocols cannot be compared.
        answer: What was found, in one sentence.
        facts: The kind of study (`study`), settings, seeds, versions, data facts and the command,
            as JSON values.
        arrays: Arrays for pictures.

    Raises:
        DataError: The table lacks a column, mixes protocols, or has an unknown `better`.

    Example:
        >>> row = {"metric": "context_fid", "value": 0.1, "spread": 0.01, "better": "lower"}
        >>> table = pd.DataFrame([row | {"protocol": "held-out", "n": 500, "seed": 7}])
        >>> StudyResult(table, "Five times the floor.", {}).value("context_fid")
        0.1
    """

    table: pd.DataFrame
    answer: str
    facts: dict[str, Any]
    arrays: Mapping[str, AnyArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if absent := [name for name in COLUMNS if name not in self.table.columns]:
            raise DataError(f"A result's table needs the columns {', '.join(absent)}.")
        protocols = self.table["protocol"].unique()
        if len(protocols) != 1:
            raise DataError(
                f"A result's table has rows of {len(protocols)} protocols "
                f"({', '.join(map(str, protocols))}); numbers of different protocols cannot be "
                "compared, so make one result for each."
            )
        if unknown := set(self.table["better"]) - _BETTER:
            raise DataError(f"better={unknown.pop()!r} is unknown; use one of {sorted(_BETTER)}.")

    def _repr_html_(self) -> str:
        shown = self.table.head(_SHOWN).to_html(
            escape=True, index=False, float_format="{:.4g}".format
        )
        rest = len(self.table) - _SHOWN
        more = f"<p>{rest} more rows in .table</p>" if rest > 0 else ""
        return f"{html_facts(self.answer, {'kind': self.kind})}{shown}{more}"

    @property
    def kind(self) -> str:
        """The kind of study: "fidelity", "audience" ..."""
        return str(self.facts.get("study", "study"))

    def value(self, metric: str, **where: Any) -> float:
        """Return the value of one metric.

        Args:
            metric: Its name.
            **where: Values of further columns that tell the rows of the metric apart.

        Raises:
            DataError: The table has no such row, or several.
        """
        rows = self.table[self.table["metric"] == metric]
        if rows.empty:
            raise DataError(
                f"There is no metric '{metric}' in the result; "
                f"it has {', '.join(self.table['metric'].unique())}."
            )
        for name, wanted in where.items():
            rows = rows[rows[name] == wanted]
        if len(rows) != 1:
            raise DataError(
                f"{len(rows)} rows have the metric '{metric}'"
                + "".join(f" and {name}={wanted!r}" for name, wanted in where.items())
                + f"; tell them apart by a further column of {', '.join(self.table.columns)}."
            )
        return float(rows["value"].iloc[0])

    @property
    def history(self) -> list[dict[str, Any]]:
        """Rows of the training's history that `with_history` added."""
        columns = {
            name.removeprefix(_HISTORY): values.tolist()
            for name, values in self.arrays.items()
            if name.startswith(_HISTORY)
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def with_history(self, rows: Sequence[Mapping[str, Any]]) -> StudyResult:
        """Return the same result with the numbers of a training's history, to be drawn later."""
        numbers = pd.DataFrame(list(rows)).select_dtypes("number")
        columns = {f"{_HISTORY}{name}": numbers[name].to_numpy() for name in numbers}
        return replace(self, arrays=dict(self.arrays) | columns)

    def with_facts(self, **facts: Any) -> StudyResult:
        """Return the same result with more facts (the command that made it, say)."""
        return replace(self, facts=self.facts | facts)

    def save(
        self,
        folder: str | Path,
        *,
        overwrite: bool = False,
        pages: Mapping[str, str] | None = None,
    ) -> None:
        """Write `result.json`, `table.csv` and `arrays.npz` into a new folder, whole or not at all.

        Args:
            folder: The folder to make.
            overwrite: Replace an older run.
            pages: Further files to write with it, name -> text.

        Raises:
            OutputError: The folder exists, or the disk refused the write.
        """
        with write_atomically(folder, overwrite=overwrite) as place:
            place.mkdir()
            self.table.to_csv(place / "table.csv", index=False)
            np.savez_compressed(place / "arrays.npz", allow_pickle=False, **self.arrays)
            for name, page in (pages or {}).items():
                (place / name).write_text(page, encoding="utf-8")
            content = {"format": _FORMAT, "answer": self.answer, "facts": self.facts}
            text = json.dumps(sealed(content, place, _HEADER), indent=1)
            (place / _HEADER).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> StudyResult:
        """Read a folder that `save` wrote.

        Raises:
            ModelFormatError: The folder is absent, damaged, of another shape, or of a newer format.

        Warns:
            TsgenWarning: It is of an earlier format, whose answer and facts have no digest, or
                files lie in it that no study wrote.
        """
        folder = Path(folder)
        header, content = _read_header(folder)
        if header.format > _FORMAT:
            raise ModelFormatError(
                f"{folder} has result format {header.format}; this version reads {_FORMAT}. "
                "Install a newer tsgen to read it."
            )
        if absent := [name for name in ("table.csv", "arrays.npz") if name not in header.sha256]:
            raise ModelFormatError(
                f"{folder} is not a complete study result: its {_HEADER} does not list "
                f"{absent[0]}. Copy the folder again or repeat the study."
            )
        if header.format == 1:
            check_files(folder, header.sha256)
            warnings.warn(
                f"{folder} was written by an earlier version: its answer and facts have no "
                "digests, so they are unverified.",
                TsgenWarning,
                stacklevel=2,
            )
        else:
            check_digests(folder, _HEADER, content)
        warn_of_unlisted(folder, header.sha256, _HEADER)
        try:
            table = pd.read_csv(folder / "table.csv", float_precision="round_trip")
            with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            return cls(table, header.answer, header.facts, arrays)
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            reason = str(error).rstrip(".")
            raise ModelFormatError(
                f"{folder} cannot be read ({reason}). Copy the folder again or repeat the study."
            ) from None


def floored_row(
    metric: str, better: str, ideal: float, values: Sequence[float], floors: Sequence[float]
) -> dict[str, Any]:
    """Return the columns of one number beside what real data score: means and spreads over draws.

    Args:
        metric: Its name.
        better: "lower", "higher" or "one".
        ideal: What it would be at best.
        values: Of the samples, one a draw, at least 2.
        floors: Of real data, likewise.
    """
    return {
        "metric": metric,
        "value": float(np.mean(values)),
        "spread": float(np.std(values, ddof=1)),
        "floor": float(np.mean(floors)),
        "floor_spread": float(np.std(floors, ddof=1)),
        "better": better,
        "ideal": ideal,
    }


def library_versions() -> dict[str, str]:
    """Return the versions of Python, tsgen and what its numbers depend on."""
    names = ("numpy", "scipy", "pandas", "scikit-learn", "torch", "gluonts")
    versions = {name: version(name) for name in names}
    return {"python": platform.python_version(), "tsgen": __version__} | versions


class _Header(BaseModel):
    """What `result.json` must hold."""

    model_config = ConfigDict(strict=True)

    format: int
    answer: str
    facts: dict[str, Any]
    sha256: dict[str, str]


def _read_header(folder: Path) -> tuple[_Header, dict[str, Any]]:
    """Return the header, checked, and as it was read.

    Raises:
        ModelFormatError: It is absent, no JSON, or of another shape.
    """
    check_readable(folder / _HEADER)
    try:
        content = json.loads((folder / _HEADER).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise ModelFormatError(
            f"{folder} is not a study result: its {_HEADER} is missing or unreadable. "
            "Give the folder that `save` or `tsgen evaluate` wrote."
        ) from None
    try:
        return _Header.model_validate(content), content
    except ValidationError as error:
        wrong = {str(mistake["loc"][0]) if mistake["loc"] else "all" for mistake in error.errors()}
        raise ModelFormatError(
            f"{folder} is not a study result: in its {_HEADER}, {', '.join(sorted(wrong))} is "
            "missing or of another kind. Give the folder that `save` or `tsgen evaluate` wrote."
        ) from None
