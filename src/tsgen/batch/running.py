"""A batch from input to output: split, work, merge; interrupted runs go on where they were."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tsgen.data import check_exists
from tsgen.errors import (
    DataWarning,
    ModelFormatError,
    OutputError,
    SettingsError,
    TooLargeError,
    error_of,
)
from tsgen.memory import available_memory, parse_size
from tsgen.persistence import load, read_model_json
from tsgen.progress import track
from tsgen.storage import claimed, free_place, write_atomically, write_text
from tsgen.version import __version__

from .engines import engine_of
from .partitions import Partition, Split, split_blocks
from .stopping import resumable
from .tasks import BatchTask
from .work import Done, PartitionWork, read_result

__all__ = ["BatchResult", "run_batch"]

logger = logging.getLogger(__name__)

_GROWTH = 30
"""Bytes in memory, while a partition is worked on, for each byte of its input on disk."""

_SUFFIXES = (".parquet", ".csv")
_MOST = 4096


@dataclass(frozen=True)
class BatchResult:
    """What a batch has written.

    Attributes:
        output: The table.
        rows: Of it.
        num_partitions: How many there were.
        resumed: Of them, finished by a run before.
    """

    output: Path
    rows: int
    num_partitions: int
    resumed: int


def run_batch(
    model: str | Path,
    task: BatchTask,
    source: str | Path,
    output: str | Path,
    *,
    engine: str = "local",
    jobs: int | None = None,
    memory: str | None = None,
    partitions: int | None = None,
    device: str = "cpu",
    trust: bool = False,
    overwrite: bool = False,
) -> BatchResult:
    """Do a task with a saved model and an input of any size.

    The input is split by keys into partitions on disk, each of which fits in memory; the engine
    works on them; what came of them is put together. Everything in between is in OUTPUT.batch: the
    same call goes on there after an interruption, and it is gone when the output is there.

    Args:
        model: The model's folder. With other engines than "local" it, the input and the output
            are on a file system that all machines share.
        task: What to do, such as `AudienceBatch(items=(...), size=500)`.
        source: The input; see the task.
        output: Table to write, .parquet or .csv.
        engine: "local" (processes), "ray" or "spark".
        jobs: Partitions at a time; None is one a core.
        memory: What all of them may take together, such as "2GB"; None is half of what is free.
        partitions: How many; None as many as `memory` asks for.
        device: Where networks compute.
        trust: See `tsgen.load`.
        overwrite: Replace an output that exists.

    Raises:
        SettingsError: An impossible argument.
        DataError: The input breaks a rule; of a partition the message says which.
        ModelFormatError: The folder holds no model, or one of another kind.
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
    source, output, model = Path(source), Path(output), Path(model)
    if not output.name.endswith(_SUFFIXES):
        raise OutputError(f"{output} is of an unknown kind; use {' or '.join(_SUFFIXES)}.")
    run_on = engine_of(engine)
    check_exists(source)
    jobs = _positive("jobs", jobs) or _cores()
    free_place(output, overwrite=overwrite)
    place = output.with_name(f"{output.name}.batch")
    with claimed(output), resumable(place):
        fitted = _model_for(task, model, device, trust)
        num = _positive("partitions", partitions)
        if num is None:
            num = _num_partitions(source, jobs, memory)
        elif memory is not None:
            raise SettingsError("memory has no effect with partitions; give one of them.")
        split = _prepared(place, task, fitted, model, source, num, overwrite)
        results = place / "results"
        work = PartitionWork(task, model.absolute(), device, trust, split.end, results.absolute())
        left = [p for p in split.partitions if not work.result_path(p.number).exists()]
        if left:
            _worked_on(run_on(work, left, jobs), len(left))
        parts = (read_result(work.result_path(p.number)) for p in split.partitions)
        rows = _written(task.merged(parts), output, overwrite)
        shutil.rmtree(place, ignore_errors=True)
    return BatchResult(output, rows, len(split.partitions), len(split.partitions) - len(left))


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


def _num_partitions(source: Path, jobs: int, memory: str | None) -> int:
    """Return how many partitions it takes for `jobs` of them to fit in memory together."""
    allowed = parse_size(memory) if memory is not None else available_memory()[0] // 2
    files = [source] if source.is_file() else [p for p in source.rglob("*") if p.is_file()]
    needed = _GROWTH * sum(file.stat().st_size for file in files)
    num = max(jobs, -(-needed * jobs // max(allowed, 1)))
    if num > _MOST:
        raise TooLargeError(
            f"{source} would take {num:,} partitions with {allowed:,} bytes of memory, more than "
            f"{_MOST:,}; allow more memory, or fewer jobs."
        )
    return num


def _prepared(
    place: Path, task: BatchTask, fitted: Any, model: Path, source: Path, num: int, overwrite: bool
) -> Split:
    """Return the partitions in OUTPUT.batch: those that are there, or the input split anew."""
    wanted = _digest(task, model, source)
    header = place / "batch.json"
    if place.exists() and not header.exists():  # stopped while it was split, or somebody else's
        names = {p.name for p in place.iterdir() if not p.name.startswith(".tsgen-lock-")}
        names = {name for name in names if not name.startswith(".batch.json.tsgen-")}
        if names - {"partitions", "results"}:
            raise OutputError(f"{place} is not of tsgen; move it, or choose another output.")
        shutil.rmtree(place)
    if header.exists():
        held = json.loads(header.read_text(encoding="utf-8"))
        if held["digest"] == wanted:
            return _split_of(place, held)
        if not overwrite:
            raise OutputError(
                f"{place} holds the finished partitions of another batch (another input, model or "
                "setting); delete it, choose another output, or allow it with overwrite=True."
            )
        shutil.rmtree(place)
    for name in ("partitions", "results"):
        (place / name).mkdir(parents=True)
    blocks = track(task.blocks(fitted, source), "blocks of the input")
    split = split_blocks(blocks, task.key, num, place / "partitions")
    content = {
        "digest": wanted,
        "end": split.end,
        "partitions": [[p.number, p.rows] for p in split.partitions],
    }
    write_text(header, json.dumps(content))
    return split


def _split_of(place: Path, held: dict[str, Any]) -> Split:
    folder = place / "partitions"
    partitions = [Partition(k, folder / f"{k:05d}.parquet", rows) for k, rows in held["partitions"]]
    return Split(partitions, held["end"])


def _digest(task: BatchTask, model: Path, source: Path) -> str:
    """Return what tells batches apart: the task, the model, and the files of the input."""
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
    facts = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    settings = task.settings()
    what = [type(task).__name__, settings, (model / "model.json").read_text("utf-8"), facts]
    return hashlib.sha256(json.dumps([*what, __version__], default=str).encode()).hexdigest()


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


def _written(parts: Iterator[pd.DataFrame], output: Path, overwrite: bool) -> int:
    """Write the pieces of a table one after another; return the number of rows."""
    rows = 0
    with write_atomically(output, overwrite=overwrite) as fresh:
        writer = None
        for part in parts:
            part.attrs = {}
            if output.suffix == ".csv":
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
