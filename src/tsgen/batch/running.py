"""A batch from input to output: split, work, merge; interrupted runs go on where they were."""

from __future__ import annotations

import logging
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tsgen.data.series import csv_safe
from tsgen.errors import (
    DataWarning,
    ModelFormatError,
    SettingsError,
    TooLargeError,
    error_of,
)
from tsgen.memory import available_memory, parse_size
from tsgen.persistence import load, read_model_json
from tsgen.progress import track
from tsgen.storage import claimed, write_atomically

from .engines import engine_of
from .entry_input import Input, input_of
from .locations import Destination
from .preparation import prepared, results_of
from .stopping import resumable
from .tasks import BatchTask
from .work import Done, PartitionWork, Results

__all__ = ["BatchResult", "run_batch"]

logger = logging.getLogger(__name__)

_GROWTH = 100
"""Bytes in memory, while a partition is worked on, for each byte of its input on disk."""

_MOST = 4096


@dataclass(frozen=True)
class BatchResult:
    """What a batch has written.

    Attributes:
        output: The table's path or address.
        rows: Of it.
        num_partitions: How many there were.
        resumed: Of them, finished by a run before.
        details: What else came of it: the `tsgen.allocation.Allocation` of campaigns.
    """

    output: str
    rows: int
    num_partitions: int
    resumed: int
    details: Any = None


def run_batch(
    model: str | Path,
    task: BatchTask,
    source: Any,
    output: str | Path,
    *,
    engine: str = "local",
    jobs: int | None = None,
    memory: str | None = None,
    partitions: int | None = None,
    device: str = "cpu",
    trust: bool = False,
    overwrite: bool = False,
    spreadsheet_safe: bool = False,
) -> BatchResult:
    """Do a task with a saved model and an input of any size.

    The input is split by keys into partitions on disk, each of which fits in memory; the engine
    works on them; what came of them is put together. Everything in between is in OUTPUT.batch: the
    same call goes on there after an interruption, and it is gone when the output is there.

    Args:
        model: The model's folder. With other engines than "local" it, the input and the output
            are on a file system that all machines share.
        task: What to do, such as `AudienceBatch(items=(...), size=500)`.
        source: The input: a path; an address that fsspec knows ("s3://shop/events"), of which a
            copy is made in OUTPUT.batch until it is split; or, for tasks on series, GluonTS
            entries: a list or any dataset of them, read twice. See the task.
        output: Table to write, .parquet or .csv; a path or an address. With an address OUTPUT.batch
            is in the working directory.
        engine: "local" (processes), "ray" or "spark".
        jobs: Partitions at a time; None is one a core.
        memory: What all of them may take together, such as "2GB"; None is half of what is free.
        partitions: How many; None as many as `memory` asks for.
        device: Where networks compute.
        trust: See `tsgen.load`.
        overwrite: Replace an output that exists.
        spreadsheet_safe: In a CSV, put ' before texts that a spreadsheet would run.

    Raises:
        SettingsError: An impossible argument.
        DataError: The input breaks a rule; of a partition the message says which.
        ModelFormatError: The folder holds no model, or one of another kind.
        MissingExtraError: An engine, or the package for an address, is not installed.
        TooLargeError: So little memory would take more than 4,096 partitions.
        TrainingInterruptedError: Ctrl-C or SIGTERM; finished partitions are kept.
        OutputError: The output exists, another run is writing it, the disk is full, or OUTPUT.batch
            is of another batch.

    Example:
        >>> import tempfile, numpy as np, pandas as pd
        >>> from pathlib import Path
        >>> from tsgen import RIMEstimator
        >>> from tsgen.batch import RecommendBatch, run_batch
        >>> folder = Path(tempfile.mkdtemp())
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
        >>> table["item_id"] = draw.integers(0, 9, 600)
        >>> table.to_parquet(folder / "log.parquet")
        >>> RIMEstimator(horizon="7D", relevance="popularity").train(table).save(folder / "model")
        >>> run_batch(folder / "model", RecommendBatch(size=3), folder / "log.parquet",
        ...           folder / "lists.parquet", jobs=1, partitions=4).rows
        150
    """
    given, wanted, model = input_of(source), Destination(str(output)), Path(model)
    run_on = engine_of(engine)
    jobs = _positive("jobs", jobs) or _cores()
    wanted.check(overwrite=overwrite)
    given.check()
    with claimed(wanted.path), resumable(wanted.work):
        fitted = _model_for(task, model, device, trust)
        num = _positive("partitions", partitions)
        if num is None:
            num = _num_partitions(given, jobs, memory)
        elif memory is not None:
            raise SettingsError("memory has no effect with partitions; give one of them.")
        split = prepared(wanted.work, task, fitted, model, given, num, overwrite)
        results = results_of(wanted.work).absolute()
        work = PartitionWork(
            task.for_partitions(), model.absolute(), device, trust, split.end, results
        )
        left = [p for p in split.partitions if not work.result_path(p.number).exists()]
        if left:
            _worked_on(run_on(work, left, jobs), len(left))
        paths = tuple(work.result_path(p.number) for p in split.partitions)
        merged = task.merged(fitted, Results(paths, wanted.work))
        with wanted.opened() as path:
            rows = _written(merged.pieces, path, overwrite, spreadsheet_safe)
        shutil.rmtree(wanted.work, ignore_errors=True)
    num = len(split.partitions)
    return BatchResult(wanted.place, rows, num, num - len(left), merged.details)


def _model_for(task: BatchTask, path: Path, device: str, trust: bool) -> Any:
    kind = read_model_json(path)["kind"]
    if kind != task.kind:
        raise ModelFormatError(f"{path} holds a {kind} model; this task needs a {task.kind} model.")
    model = load(path, device=device, trust=trust)
    task.check(model)
    return model


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _positive(name: str, number: int | None) -> int | None:
    if number is not None and number < 1:
        raise SettingsError(f"{name}={number} is not possible; use a number from 1.")
    return number


def _num_partitions(source: Input, jobs: int, memory: str | None) -> int:
    """Return how many partitions it takes for `jobs` of them to fit in memory together."""
    allowed = parse_size(memory) if memory is not None else available_memory()[0] // 2
    needed = _GROWTH * sum(file.size for file in source.files())
    num = max(jobs, -(-needed * jobs // max(allowed, 1)))
    if num > _MOST:
        raise TooLargeError(
            f"{source.place} would take {num:,} partitions with {allowed:,} bytes of memory, more "
            f"than {_MOST:,}; allow more memory, or fewer jobs."
        )
    return num


def _worked_on(working: Iterator[Done], num: int) -> None:
    """Wait for all partitions; say what they warned of, and raise what the first found wrong."""
    warned: list[str] = []
    with closing(working):  # type: ignore[type-var]
        for done in track(working, "partitions", total=num):
            if done.failed is not None:
                raise error_of(done.failed)
            warned += done.warned
    for texts in _alike(warned):
        each = ", each with its own numbers" if len(set(texts)) > 1 else ""
        where = f" (In {len(texts)} of {num} partitions{each}.)" if num > 1 else ""
        warnings.warn(f"{texts[0]}{where}", DataWarning, stacklevel=3)


def _alike(texts: list[str]) -> list[list[str]]:
    """Return texts in groups that differ in numbers alone."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(re.sub(r"\d[\d.,]*", "0", text), []).append(text)
    return list(groups.values())


@contextmanager
def _noting() -> Iterator[list[warnings.WarningMessage]]:
    """Yield a list of what is warned of in the block, which is said after it."""
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        yield noted
    for warning in noted:
        warnings.warn(warning.message, stacklevel=2)


def _written(parts: Iterator[pd.DataFrame], output: Path, overwrite: bool, safe: bool) -> int:
    """Write the pieces of a table one after another; return the number of rows.

    Warns:
        DataWarning: A spreadsheet would run values of a piece that is written as CSV.
    """
    rows = 0
    with write_atomically(output, overwrite=overwrite) as fresh:
        writer, warned = None, False
        for part in parts:
            part.attrs = {}
            if output.suffix == ".csv":
                if safe or not warned:
                    with _noting() as noted:
                        part = csv_safe(part, output, safe)
                    warned = bool(noted)
                part.to_csv(fresh, mode="a", header=not rows, index=False)
            else:
                schema = None if writer is None else writer.schema
                table = pa.Table.from_pandas(part, schema=schema, preserve_index=False)
                writer = writer or pq.ParquetWriter(fresh, table.schema, compression="zstd")
                writer.write_table(table)
            rows += len(part)
        if writer is not None:
            writer.close()
    return rows
