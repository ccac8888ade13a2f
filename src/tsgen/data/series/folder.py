"""The GluonTS folder: `metadata.json`, `train/data.json.gz`, and `tsgen.json` beside them.

GluonTS reads the first two and ignores the third, which keeps the names and values of static
columns, the names of channels, the time zone and the time label.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import DataError, OutputError, SettingsError
from tsgen.storage import sealed

from ..reading import check_exists, check_text_size
from .channels import MultivariateDataset
from .conversion import to_dataset
from .dataset import SeriesDataset
from .times import StepLabel, check_zone, normalise_freq, step_stamps

__all__ = [
    "ENTRY_SUFFIXES",
    "entry_files",
    "is_of_tsgen",
    "read_dataset_folder",
    "read_entry_file",
    "stated_freq",
    "write_dataset_folder",
]

_JSON_LINES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")
ENTRY_SUFFIXES = (*_JSON_LINES, ".arrow", ".feather", ".parquet")
_EXTRAS = "tsgen.json"


def write_dataset_folder(data: SeriesDataset | MultivariateDataset, folder: Path) -> None:
    """Write a dataset as a GluonTS folder at a place that does not exist yet."""
    (folder / "train").mkdir(parents=True)
    dataset = data.parts[0] if isinstance(data, MultivariateDataset) else data
    cardinalities = zip(dataset.static_names, dataset.static_cardinalities, strict=True)
    metadata = {
        "freq": dataset.freq,
        "target": {"name": "target"},
        "feat_static_cat": [{"name": name, "cardinality": str(c)} for name, c in cardinalities],
        "feat_static_real": [
            {"name": f"static_real_{k}"} for k in range(dataset.static_real.shape[1])
        ],
    }
    extras = {
        "format": 2,
        "timezone": dataset.timezone,
        "label": asdict(dataset.label),
        "static_names": dataset.static_names,
        "static_categories": dataset.static_categories,
    }
    if dataset.dynamic is not None:
        extras["dynamic"] = dataset.dynamic.to_json()
    if isinstance(data, MultivariateDataset):
        extras["channels"] = data.channels
    _write_json(folder / "metadata.json", metadata)
    # No time and no name in the gzip header: the same data give the same bytes.
    with (
        (folder / "train" / "data.json.gz").open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=file, mtime=0) as lines,
    ):
        for line in _lines(dataset, data.values):
            lines.write(line)
    _write_json(folder / _EXTRAS, sealed(extras, folder, _EXTRAS))


def read_dataset_folder(
    folder: Path, options: dict[str, Any]
) -> SeriesDataset | MultivariateDataset:
    """Read a GluonTS folder, or a folder of entry files if `options` say the frequency."""
    if (folder / "model.json").is_file():
        raise DataError("the folder holds a saved model, not data; load it with tsgen.load.")
    files = entry_files(folder)
    if not files:
        raise DataError(
            "the folder holds neither a table in Parquet files nor GluonTS data (metadata.json and "
            f"train/data.json.gz); it {_content(folder)}."
        )
    freq = _stated_freq(folder, options.get("freq"))
    entries = (entry for file in files for entry in read_entry_file(file))
    dataset = to_dataset(entries, **{**options, "freq": freq})
    if not isinstance(dataset, MultivariateDataset):
        return _with_extras(dataset, folder / _EXTRAS, options)
    parts = tuple(_with_extras(part, folder / _EXTRAS, options) for part in dataset.parts)
    named = (
        dataset.channels
        if "target" in options
        else (_read_json(folder / _EXTRAS).get("channels", dataset.channels))
    )
    return MultivariateDataset(parts, tuple(named))


def entry_files(folder: Path) -> list[Path]:
    """Return the files of entries of a folder: those of its `train`, or its own, by name.

    Raises:
        DataError: `train` is a folder that cannot be read, or one of the files a pipe, a device or
            a link to nothing.
    """
    nested = (folder / "train").is_dir()
    if nested:
        check_exists(folder / "train")
    files = sorted(
        path
        for path in ((folder / "train").rglob("*") if nested else folder.glob("*"))
        if not path.is_dir()
        and path.name.endswith(ENTRY_SUFFIXES)
        and path.name not in {"metadata.json", _EXTRAS}
        and not path.name.startswith((".", "_"))
    )
    for path in files:
        check_exists(path)
    return files


def is_of_tsgen(folder: Path) -> bool:
    """Return whether `write_series` made a folder, with what GluonTS has no word for."""
    return (folder / _EXTRAS).is_file()


def stated_freq(folder: Path) -> str | None:
    """Return the frequency that `metadata.json` of a folder says, if any."""
    return _stated_freq(folder, None)


def _content(folder: Path) -> str:
    """Return what lies in a folder, in words."""
    names = sorted(path.name for path in folder.iterdir())
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"has {', '.join(names[:5])}{more}" if names else "is empty"


def _loosely(line: bytes, number: int, path: Path) -> Any:
    """Read a line as Python's own `json` writes it: with NaN, and halves of characters.

    Raises:
        DataError: It is no JSON either.
    """
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else _reason(error)
        raise DataError(
            f"line {number} of {path.name} is not a JSON object ({reason}); GluonTS data have one "
            "entry per line.",
            row=number,
        ) from None


def _check_arrow(path: Path) -> None:
    """Refuse a damaged Arrow file, whose offsets would end the process if they were followed.

    Raises:
        pyarrow.ArrowInvalid: An array in it does not fit its buffers.
    """
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        begins = file.read(6)
        file.seek(0)
        if begins == b"ARROW1":
            reader = pa.ipc.open_file(file)
            batches = (reader.get_batch(k) for k in range(reader.num_record_batches))
        else:
            batches = iter(pa.ipc.open_stream(file))
        for batch in batches:
            batch.validate(full=True)


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "a number with thousands of digits"


def read_entry_file(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the raw entries of one file of JSON lines, Arrow or Parquet."""
    if not path.name.endswith(_JSON_LINES):
        from gluonts.dataset.arrow import File, ParquetFile

        entries = File.infer(path)
        if not isinstance(entries, ParquetFile):
            _check_arrow(path)
        yield from entries
        return
    import gluonts.json as fast_json

    check_text_size(path, path.stat().st_size)
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines):
            if not line.strip():
                continue
            try:
                yield fast_json.loads(line)
            except ValueError:
                yield _loosely(line, number, path)


def _lines(dataset: SeriesDataset, values: Array) -> Iterator[bytes]:
    """Yield one JSON line per series; missing values are null, which GluonTS reads as NaN.

    Args:
        dataset: The entries.
        values: All entries one after another, (N,), or (C, N) for C channels.
    """
    codes = dataset.static_cat if dataset.static_names else np.zeros((len(dataset), 1), np.int64)
    starts = step_stamps(dataset.starts, dataset.freq, StepLabel()).astype(str)
    for i, item_id in enumerate(dataset.item_ids):
        entry = {
            "item_id": item_id,
            "start": starts[i],
            "target": _target(values[..., dataset.offsets[i] : dataset.offsets[i + 1]]),
            "feat_static_cat": codes[i].tolist(),
        }
        if dataset.static_real.shape[1]:
            real = dataset.static_real[i].tolist()
            entry["feat_static_real"] = [None if np.isnan(value) else value for value in real]
        if dataset.dynamic is not None:
            beside = dataset.dynamic.beside(i, int(dataset.lengths[i]), np.float64)
            entry |= {name: _target(rows.astype(np.float64)) for name, rows in beside.items()}
        if dataset.info is not None:
            entry["info"] = dataset.info[i]
        try:
            yield json.dumps(entry, default=str, allow_nan=False).encode() + b"\n"
        except ValueError:
            raise OutputError(
                f"The info or the static features of series {item_id!r} hold NaN or infinity, "
                "which JSON cannot; use None."
            ) from None


def _target(values: Array) -> list[Any]:
    """Return values (T,) or (C, T) as a list, or a list of lists, with None where missing."""
    if values.ndim == 2:
        return [_target(channel) for channel in values]
    target: list[Any] = values.tolist()
    for t in np.flatnonzero(np.isnan(values)):
        target[t] = None
    return target


def _stated_freq(folder: Path, asked: str | None) -> str | None:
    """Return the frequency of `metadata.json`, which must be the one asked for, if any."""
    stated = _read_json(folder / "metadata.json").get("freq")
    if stated and asked and normalise_freq(stated) != normalise_freq(asked):
        raise DataError(
            f"metadata.json says freq='{stated}', but freq='{asked}' was asked for; leave it out."
        )
    return asked or stated


def _with_extras(dataset: SeriesDataset, path: Path, options: dict[str, Any]) -> SeriesDataset:
    """Put back what GluonTS has no word for."""
    if not path.is_file():
        return dataset
    extras = _read_json(path)
    try:
        names = tuple(extras["static_names"])
        codes = dataset.static_cat
        if len(names) == 1 and codes.shape[1] == 0:  # a column with one category reads as none
            codes = np.zeros((len(dataset), 1), np.int64)
        dynamic = dataset.dynamic
        if dynamic is not None and "dynamic" in extras:
            dynamic = dynamic.with_facts(extras["dynamic"])
        check_zone(extras["timezone"])
        return replace(
            dataset,
            dynamic=dynamic,
            static_cat=codes,
            static_names=names,
            static_categories=tuple(tuple(values) for values in extras["static_categories"]),
            timezone=options.get("timezone") or extras["timezone"],
            label=StepLabel(**extras["label"]),
        )
    except (KeyError, TypeError, DataError, SettingsError) as error:
        raise DataError(
            f"{path.name} does not fit the data ({error}); remove it to read the folder without "
            "static names and time zone."
        ) from None


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise DataError(f"{path.name} is not valid JSON; write the folder again.") from None
