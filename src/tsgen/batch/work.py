"""One partition's work: read it, ask the model, write what came of it."""

from __future__ import annotations

import functools
import json
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tsgen.data import read_parquet
from tsgen.errors import DataError, TsgenError, TsgenWarning, error_record
from tsgen.persistence import load
from tsgen.training import threads

from .partitions import Partition
from .stopping import in_our_words
from .tasks import BatchTask

__all__ = ["Done", "PartitionWork", "Results"]

_FACTS = b"tsgen"


@dataclass(frozen=True)
class Done:
    """A partition whose result is on disk, or which failed.

    Attributes:
        number: Of the partition.
        warned: What was warned of.
        failed: What was wrong, as `tsgen.errors.error_record` has it; None if nothing was.
    """

    number: int
    warned: tuple[str, ...] = ()
    failed: dict[str, Any] | None = None

    def to_json(self) -> str:
        """Return it as text, for engines that move tables."""
        return json.dumps([self.number, self.warned, self.failed])

    @classmethod
    def from_json(cls, text: str) -> Done:
        """Return what `to_json` wrote."""
        number, warned, failed = json.loads(text)
        return cls(number, tuple(warned), failed)


@dataclass(frozen=True)
class PartitionWork:
    """From a partition to its result; it can be sent to another process or machine.

    Attributes:
        task: What is done.
        model: The model's folder, which every worker can read.
        device: Where networks compute.
        trust: Whether classes of somebody else may be imported.
        end: See `BatchTask.apply`.
        folder: Where results go, which every worker can write.
    """

    task: BatchTask
    model: Path
    device: str
    trust: bool
    end: int | None
    folder: Path

    def __call__(self, partition: Partition) -> Done:
        """Write the result of a partition, whole or not at all; say what is wrong with it."""
        with warnings.catch_warnings(record=True) as caught, threads(1):
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", TsgenWarning)
            model = _model(self.model, self.device, self.trust)
            try:
                table = _read(partition.path, read_parquet)
                result = self.task.apply(model, table, self.end)
                self._write(result, partition.number)
            except TsgenError as error:
                return Done(partition.number, failed=error_record(error))
            except Exception as error:  # which an engine would tell in its own words
                ours = in_our_words(error, self.folder.parent)
                if ours is None:
                    raise
                return Done(partition.number, failed=error_record(ours))
        return Done(partition.number, tuple(dict.fromkeys(str(one.message) for one in caught)))

    def result_path(self, number: int) -> Path:
        """Return where a partition's result is, once it is there."""
        return self.folder / f"{number:05d}.parquet"

    def _write(self, result: pd.DataFrame, number: int) -> None:
        facts, result.attrs = json.dumps(result.attrs), {}
        table = pa.Table.from_pandas(result, preserve_index=False)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), _FACTS: facts})
        path = self.result_path(number)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            pq.write_table(table, fresh, compression="zstd")
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


@dataclass(frozen=True)
class Results:
    """See `PartResults`.

    Attributes:
        paths: Of the results, in order.
        folder: Where files in between may be written.
    """

    paths: tuple[Path, ...]
    folder: Path

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return map(_read_result, self.paths)


def _read_result(path: Path) -> pd.DataFrame:
    """Return a partition's result, what it counted in its `attrs`."""
    table = _read(path)
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs = json.loads((table.schema.metadata or {}).get(_FACTS, b"{}"))
    return frame


def _read(path: Path, read: Callable[[Path], Any] = pq.read_table) -> Any:
    """Read a file of OUTPUT.batch.

    Raises:
        DataError: Something has damaged it, or it is gone.
    """
    try:
        return read(path)
    except (OSError, pa.ArrowException) as error:
        spoilt = path if path.parent.name == "results" else path.parent
        raise DataError(
            f"{path} is damaged ({str(error).splitlines()[0]:.100}); delete {spoilt} and give the "
            "same command again."
        ) from error


@functools.lru_cache(maxsize=1)
def _model(path: Path, device: str, trust: bool) -> Any:
    """Load a model once a process."""
    return load(path, device=device, trust=trust)
