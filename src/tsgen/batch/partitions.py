"""An input cut into partitions: the rows of one key are in one of them, in the input's order."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tsgen.arrays import Integers
from tsgen.errors import DataError
from tsgen.memory import check_memory

from .tasks import InputBlock

__all__ = ["Partition", "Split", "partition_of", "split_blocks"]


@dataclass(frozen=True)
class Partition:
    """Some keys of the input, with all their rows.

    Attributes:
        number: From 0.
        path: A Parquet file.
        rows: How many.
    """

    number: int
    path: Path
    rows: int


@dataclass(frozen=True)
class Split:
    """An input in partitions; those without a row are left out.

    Attributes:
        partitions: In the order of their numbers.
        end: The latest `InputBlock.end`.
    """

    partitions: list[Partition]
    end: int | None


def split_blocks(blocks: Iterable[InputBlock], key: str, num: int, folder: Path) -> Split:
    """Write blocks to `num` files by a hash of the key, one block in memory at a time.

    Args:
        blocks: The input; all have the same columns.
        key: Column whose rows stay together.
        num: Files.
        folder: Where; it exists.

    Raises:
        DataError: There is no row, two columns have one name, or a block has other columns, or
            other kinds of values, than those before it.
        TooLargeError: A block is larger than memory once its texts stand in every row.
    """
    writers: dict[int, pq.ParquetWriter] = {}
    rows = np.zeros(num, np.int64)
    schema, end = None, None
    with ExitStack() as open_files:
        for block in blocks:
            _refuse_twice(block.table)
            _check_size(block.table)
            table = _as_arrow(block.table, schema)
            schema = table.schema
            end = block.end if end is None else max(end, block.end or end)
            places = partition_of(block.table[key], num)
            for number in np.unique(places).tolist():
                if number not in writers:
                    writer = pq.ParquetWriter(_path(folder, number), schema, compression="zstd")
                    writers[number] = open_files.enter_context(writer)
                part = table.take(np.flatnonzero(places == number))
                writers[number].write_table(part)
                rows[number] += part.num_rows
    if not writers:
        raise DataError("The input has no rows; there is nothing to do.")
    partitions = [Partition(k, _path(folder, k), int(rows[k])) for k in sorted(writers)]
    return Split(partitions, end)


def partition_of(keys: pd.Series[Any], num: int) -> Integers:
    """Return which of `num` partitions each key belongs to; the same in every run."""
    hashes = pd.util.hash_pandas_object(keys.reset_index(drop=True), index=False)
    return np.asarray(hashes.to_numpy() % np.uint64(num), np.int64)


def _refuse_twice(table: pd.DataFrame) -> None:
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise DataError(f"The input has two columns '{twice}'; rename one.", field=str(twice))


def _check_size(table: pd.DataFrame) -> None:
    """Refuse a block that would not fit: a small file of texts that repeat can be a large one."""
    texts = table.select_dtypes(["object", "string"])
    size = sum(len(cell) for name in texts for cell in texts[name] if isinstance(cell, str))
    check_memory(
        2 * size,
        f"The input, {len(table):,} rows at a time,",
        "Shorten its texts, or allow more with memory_limit(...) or TSGEN_MAX_MEMORY.",
    )


def _as_arrow(table: pd.DataFrame, schema: pa.Schema | None) -> pa.Table:
    try:
        return pa.Table.from_pandas(table, schema=schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, KeyError) as error:
        raise DataError(
            f"The input changes on the way: {str(error).splitlines()[0]} Its files, and ids, must "
            "be of one kind."
        ) from None


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.parquet"
