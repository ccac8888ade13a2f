"""Series on disk: long tables (CSV, Parquet) and GluonTS folders, read and written."""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.errors import DataError, OutputError, SettingsError, nearest, noted_warnings
from tsgen.storage import write_atomically

from ..notes import with_notes
from ..odd_ids import check_texts
from ..parquet import PARQUET, parquet_files, read_parquet, read_parquet_files
from ..reading import check_exists, first_line, named_path, reading
from ..spreadsheets import neutralised, restored, warn_of_formulas
from ..text_tables import read_text_table
from .channels import MultivariateDataset
from .conversion import to_dataset
from .dataset import SeriesDataset
from .folder import ENTRY_SUFFIXES, read_dataset_folder, read_entry_file, write_dataset_folder
from .layouts import FrameLayout, check_layout
from .reading import Roles

__all__ = [
    "CSV",
    "check_table_layout",
    "csv_header",
    "csv_safe",
    "read_series",
    "whole_numbers",
    "write_series",
]

CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
"""Endings of tables of text; the separator is looked for in the header."""

_WRITTEN = (".csv", ".csv.gz")
_EMPTY = ["", "NaN", "nan", "NA", "N/A", "null", "NULL", "None"]
_COMMA = r"[+-]?\d+(,\d+)?"
_GROUPED = r"[+-]?\d{1,3}(\.\d{3})+"
_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")


def read_series(path: str | Path, **options: Any) -> SeriesDataset | MultivariateDataset:
    """Read series from a file or folder.

    Understood are a long or wide table as CSV (`.csv`, `.tsv`, also with `.gz`; UTF-8; commas,
    tabs, or semicolons with decimal commas), Parquet, or a folder of Parquet files whose columns
    agree; a GluonTS folder (`metadata.json` and `train/`; where there is also a `test`, only
    `train` is read); and one file of GluonTS entries (JSON lines, Arrow, Parquet).
    Static columns, zone and time labels of a folder made by `write_series` come back as they were.
    In a CSV, ids and static values are whole numbers only if all are, without leading zeros.
    Several target columns, `target=["a", "b"]`, or two-dimensional targets of GluonTS entries give
    a `MultivariateDataset`.

    Args:
        path: The file or folder.
        **options: The arguments of `to_dataset`, with the same meaning.

    Raises:
        DataError: Nothing readable is at `path`, or its content breaks a rule of `to_dataset`.
        SettingsError: An argument is impossible.
    """
    if isinstance(path, pd.DataFrame):
        raise DataError("read_series reads a file; give a table to to_dataset.")
    path = named_path(path)
    _check_options(options)
    check_exists(path)
    with reading(path), noted_warnings() as notes:
        if path.is_dir():
            tables = _long_tables(path)
            return _of_parts(tables, options) if tables else read_dataset_folder(path, options)
        if path.name.endswith(CSV):
            return with_notes(to_dataset(_read_csv(path, options), **options), notes)
        if path.name.endswith(PARQUET) and not _holds_entries(path):
            return to_dataset(read_parquet(path), **options)
        if path.name.endswith(ENTRY_SUFFIXES):
            return to_dataset(read_entry_file(path), **options)
    raise DataError(
        f"{path} is of an unknown kind; give .csv, .csv.gz, .tsv, .parquet, a GluonTS folder, or "
        f"GluonTS entries as {', '.join(ENTRY_SUFFIXES)}."
    )


def write_series(
    dataset: Iterable[Any],
    path: str | Path,
    *,
    overwrite: bool = False,
    spreadsheet_safe: bool = False,
    layout: FrameLayout = "long",
) -> None:
    """Write series to a file or folder, whole or not at all.

    Args:
        dataset: One of our datasets or any GluonTS dataset.
        path: `.csv`, `.csv.gz` or `.parquet` for a long table (see `to_frame`); without a suffix, a
            GluonTS folder that `gluonts.dataset.common.load_datasets` and `read_series` read back.
            Missing values are empty (CSV) or null.
        overwrite: Replace what is there.
        spreadsheet_safe: In a CSV, put an apostrophe before ids that a spreadsheet would run as a
            formula; `read_series` takes it away again.
        layout: Of a table; see `to_frame`. "long" says of which series synthetic ones were made.

    Raises:
        OutputError: `path` exists, has an unknown suffix, or cannot be written.
        SettingsError: There is no such layout, or one is asked for a folder.
    """
    path = Path(path)
    check_table_layout(path, layout)
    series = to_dataset(dataset)
    if path.name.endswith(_WRITTEN):
        with write_atomically(path, overwrite=overwrite) as fresh:
            table = csv_safe(_table_of(series, layout), path, spreadsheet_safe)
            table.to_csv(fresh, index=False, compression=_compression(path))
    elif path.name.endswith(PARQUET):
        with write_atomically(path, overwrite=overwrite) as fresh:
            table = _of_one_type(_table_of(series, layout))
            table.to_parquet(fresh, index=False, compression="zstd")
    elif path.suffix:
        raise OutputError(
            f"{path} has the unknown suffix '{path.suffix}'; use .csv, .csv.gz or .parquet, or no "
            "suffix for a GluonTS folder."
        )
    else:
        with write_atomically(path, overwrite=overwrite) as fresh:
            write_dataset_folder(series, fresh)


def check_table_layout(path: Path, layout: str) -> None:
    """Refuse a layout that there is not, or one other than "long" for a folder.

    Raises:
        SettingsError: It is so.
    """
    check_layout(layout)
    if layout != "long" and not path.suffix:
        raise SettingsError(
            f"layout='{layout}' is of a table, and {path} would be a GluonTS folder; write .csv or "
            ".parquet."
        )


def _table_of(dataset: SeriesDataset | MultivariateDataset, layout: FrameLayout) -> pd.DataFrame:
    """Return a table whose columns are all that it is; an index would be lost in a file.

    Raises:
        DataError: Two ids are one text in a file.
    """
    check_texts(dataset.item_ids, "item_id", "item id")
    table = dataset.to_frame(layout, provenance=layout == "long")
    if layout not in {"gluonts", "wide"}:
        return table
    if isinstance(table.index, pd.PeriodIndex):
        table = table.set_axis(table.index.to_timestamp())
    return table.rename_axis(index="timestamp").rename(columns=str).reset_index()


def csv_safe(table: pd.DataFrame, path: Path | str, safe: bool) -> pd.DataFrame:
    """Return what is written of a table as CSV: neutralised, or as it is with a warning."""
    if safe:
        return neutralised(table)
    warn_of_formulas(table, path)
    return table


def _of_one_type(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose ids Parquet can hold: all become text where some are text."""
    texts = {name for name in ("item_id", "source_item_id") if name in frame}
    if "item_id" not in texts or frame["item_id"].map(type).nunique() < 2:
        return frame
    return frame.assign(**{n: frame[n].map(str, na_action="ignore") for n in texts})


def _compression(path: Path) -> Any:
    """Return how to pack a CSV; without a time in the header, equal data give equal bytes."""
    return {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None


def _check_options(options: dict[str, Any]) -> None:
    accepted = list(inspect.signature(to_dataset).parameters)[1:]
    for name in options:
        if name not in accepted:
            raise TypeError(f"read_series has no argument '{name}'.{nearest(name, accepted)}")


def _read_csv(path: Path, options: dict[str, Any]) -> pd.DataFrame:
    """Read a CSV without letting pandas guess at ids ('007', 'NA') and categories."""
    separator, names = csv_header(path, set())
    roles = _roles(options).within(names)
    wide = options.get("layout") == "wide" or roles.free(names)
    texts = {roles.item_id, "source_item_id", *_as_names(options.get("static", ()))}
    _refuse_twice(names, names if wide else {*texts, roles.timestamp, *roles.targets})
    table = read_text_table(
        path,
        separator,
        dtype={name: str for name in names if name in texts or name == roles.timestamp},
        na_values={name: [""] if name in texts else _EMPTY for name in names},
        keep_default_na=False,
        float_precision="round_trip",
    )
    for name in texts.intersection(names):
        table[name] = whole_numbers(restored(table[name]))
    for name in table.columns if wide else roles.targets:
        if separator == ";" and name in table.columns and table[name].dtype == object:
            table[name] = _with_points(table[name], every=wide)
    return table


def _with_points(column: pd.Series[Any], *, every: bool) -> pd.Series[Any]:
    """Return numbers with decimal commas with points; of any column, if all of its values are.

    Args:
        column: Text.
        every: Whether any column may be of numbers; those that are become numbers.

    Raises:
        DataError: Others have points where thousands have them.
    """
    if every and not column.dropna().str.fullmatch(_COMMA).all():
        return column
    numbers = column.dropna()
    if numbers.str.contains(",").any() and (grouped := numbers.str.fullmatch(_GROUPED)).any():
        row = int(grouped.reindex(column.index, fill_value=False).to_numpy().argmax())
        raise DataError(
            f"Column '{column.name}' has '{column.iloc[row]}' in row {row} beside numbers with a "
            "decimal comma, so the point may stand for thousands; write numbers without groups.",
            field=str(column.name),
            row=row,
        )
    points = column.str.replace(",", ".", regex=False)
    return points.astype(float) if every else points


def csv_header(path: Path, wanted: set[Any]) -> tuple[str, list[str]]:
    """Return the separator of a table of text and the names of its columns, by its first line.

    Args:
        path: The file.
        wanted: Names that may stand there once at the most.

    Raises:
        DataError: The file is empty, or has two columns of a wanted name.
    """
    header = first_line(path)
    separator = next((mark for mark in ",;\t" if mark in header), ",")
    names = next(csv.reader([header], delimiter=separator))
    _refuse_twice(names, wanted)
    return separator, names


def _refuse_twice(names: list[str], wanted: Iterable[Any]) -> None:
    if twice := [name for name in wanted if names.count(name) > 1]:
        raise DataError(f"The file has two columns '{twice[0]}'; rename one.", field=twice[0])


def whole_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of text as integers if each value is one, written in the usual way."""
    distinct = column.dropna().unique()
    if len(distinct) == 0 or not all(_WHOLE.fullmatch(text) for text in distinct):
        return column
    return column.astype("Int64" if column.isna().any() else "int64")


def _long_tables(folder: Path) -> list[Path]:
    """Return the files of a folder that is a long table in parts; none if it is of GluonTS."""
    if (folder / "train").is_dir() or (folder / "metadata.json").is_file():
        return []
    files = parquet_files(folder)
    return [] if not files or _holds_entries(files[0]) else files


def _of_parts(files: list[Path], options: dict[str, Any]) -> SeriesDataset | MultivariateDataset:
    """Read a long table in parts, whose columns must agree."""
    import pyarrow.parquet as pq

    with reading(files[0]):
        names = pq.read_schema(files[0]).names
    roles = _roles(options).within(names)
    if options.get("layout") == "wide" or roles.free(names):
        return to_dataset(read_parquet_files(files, names, names), **options)
    columns = {roles.item_id, roles.timestamp, "source_item_id", *roles.targets}
    wanted = {str(name) for name in columns if name} | {*_as_names(options.get("static", ()))}
    return to_dataset(read_parquet_files(files, wanted, roles.targets), **options)


def _roles(options: dict[str, Any]) -> Roles:
    """Return the columns as the options of `to_dataset` call them."""
    usual = Roles()
    return Roles(
        options.get("item_id", usual.item_id) or None,
        options.get("timestamp", usual.timestamp),
        _as_names(options.get("target")) or usual.targets,
    )


def _as_names(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _holds_entries(path: Path) -> bool:
    """Whether a Parquet file holds GluonTS entries (a list per row) and not a long table.

    Raises:
        DataError: It holds lists, but is no table of entries.
    """
    import pyarrow.parquet as pq
    import pyarrow.types as pt

    with reading(path):
        schema = pq.read_schema(path)
    _refuse_twice(schema.names, {"target"})
    if "target" not in schema.names or not pt.is_list(schema.field("target").type):
        return False
    if "start" not in schema.names:
        raise DataError(
            f"{path}: Column 'target' holds lists, as GluonTS entries do, but there is no column "
            "'start' as they have; give a long table, one number a row, or add it.",
            field="start",
        )
    return True
