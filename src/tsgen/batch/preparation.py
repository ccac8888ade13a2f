"""The folder OUTPUT.batch: the input in partitions, and what is finished of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from tsgen.errors import OutputError
from tsgen.progress import track
from tsgen.storage import write_text
from tsgen.version import __version__

from .entry_input import Input
from .partitions import Partition, Split, split_blocks
from .tasks import BatchTask

__all__ = ["prepared", "results_of"]

_PARTS = ("partitions", "results")
_INPUT = "input"
"""Where an input from elsewhere is until it is split."""

_FRESH = "partitions.new"
"""Partitions until all of them are there."""


def results_of(work: Path) -> Path:
    """Return the folder of the partitions' results."""
    return work / _PARTS[1]


def prepared(
    work: Path,
    task: BatchTask,
    fitted: Any,
    model: Path,
    source: Input,
    num: int,
    overwrite: bool,
) -> Split:
    """Return the partitions in OUTPUT.batch: those that are there, or the input split anew.

    Where the folder of partitions is gone, they are made again and results stay.

    Args:
        work: The folder.
        task: What is done.
        fitted: The model.
        model: Its folder.
        source: The input.
        num: Of partitions, if it is split anew.
        overwrite: Whether partitions of another batch may go.

    Raises:
        DataError: The input breaks a rule.
        OutputError: The folder is somebody else's, or of another batch.
    """
    wanted = _digest(task, model, source)
    header = work / "batch.json"
    if work.exists() and not header.exists():  # stopped while it was split, or somebody else's
        names = {p.name for p in work.iterdir() if not p.name.startswith(".tsgen-lock-")}
        names = {name for name in names if not name.startswith(".batch.json.tsgen-")}
        if names - {*_PARTS, _INPUT, _FRESH}:
            raise OutputError(f"{work} is not of tsgen; move it, or choose another output.")
        shutil.rmtree(work)
    if header.exists():
        held = json.loads(header.read_text(encoding="utf-8"))
        if held["digest"] == wanted:
            if not (work / _PARTS[0]).exists():  # deleted, because one of them was damaged
                _cut(work, task, fitted, source, held["num"])
            return _split_of(work, held)
        if not overwrite:
            raise OutputError(
                f"{work} holds the finished partitions of another batch (another input, model or "
                "setting); delete it, choose another output, or allow it with overwrite=True."
            )
        shutil.rmtree(work)
    return _split_anew(work, header, wanted, task, fitted, source, num)


def _split_anew(
    work: Path,
    header: Path,
    digest: str,
    task: BatchTask,
    fitted: Any,
    source: Input,
    num: int,
) -> Split:
    results_of(work).mkdir(parents=True)
    split = _cut(work, task, fitted, source, num)
    partitions = [[p.number, p.rows] for p in split.partitions]
    content = {"digest": digest, "num": num, "end": split.end, "partitions": partitions}
    write_text(header, json.dumps(content))
    return _split_of(work, content)


def _cut(work: Path, task: BatchTask, fitted: Any, source: Input, num: int) -> Split:
    """Write the input to `num` partitions; the same call writes the same ones."""
    fresh, copy = work / _FRESH, work / _INPUT
    for folder in (fresh, copy):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    blocks = task.blocks(fitted, source.fetched(copy))
    split = split_blocks(track(blocks, "blocks of the input"), task.key, num, fresh)
    shutil.rmtree(copy)
    fresh.rename(work / _PARTS[0])
    return split


def _split_of(work: Path, held: dict[str, Any]) -> Split:
    folder = work / _PARTS[0]
    partitions = [Partition(k, folder / f"{k:05d}.parquet", rows) for k, rows in held["partitions"]]
    return Split(partitions, held["end"])


def _digest(task: BatchTask, model: Path, source: Input) -> str:
    """Return what tells batches apart: the task, the model, and the files of the input."""
    files = [(f.name, f.size, f.stamp) for f in source.files()]
    what = [type(task).__name__, task.settings(), (model / "model.json").read_text("utf-8"), files]
    return hashlib.sha256(json.dumps([*what, __version__], default=str).encode()).hexdigest()
