"""Synthetic series by requests, more than memory holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tsgen.data import reading
from tsgen.data.series import stream_entries
from tsgen.errors import DataError
from tsgen.rng import resolve_seed

from .base import BatchTask, InputBlock
from .entries import entry_blocks, read_entry
from .series import table_blocks

__all__ = ["SampleBatch"]

_COLUMNS = ("item_id", "start", "length", "number")


@dataclass(frozen=True)
class SampleBatch(BatchTask):
    """Draws of a PSA-GAN, one request a row; see `PSAGANSynthesizer.sample`.

    A request names a training series, `item_id`, and may have `start` (the first time; without it
    each draw has a random one), `length` (steps; without it the model's) and `number` (of series;
    one). The result has the long table's columns and `request`, the row of the request. GluonTS
    entries are requests too: each for a series of its id, start and length.

    Attributes:
        seed: Same seed, same series, whatever the partitions.
        constraints: See `PSAGANSynthesizer.sample`.
        missing: See `PSAGANSynthesizer.sample`.
    """

    kind: ClassVar[str] = "psa-gan"

    seed: int = 0
    constraints: Any = "infer"
    missing: str = "like"

    @property
    def key(self) -> str:
        """Requests do not touch each other."""
        return "request"

    def check(self, model: Any) -> None:
        """See `BatchTask`; requests are checked when they are drawn.

        Raises:
            SettingsError: An impossible seed.
        """
        resolve_seed(self.seed)

    def blocks(self, model: Any, source: Path | Iterable[Any]) -> Iterator[InputBlock]:
        """Read the table of requests, and number them."""
        first = 0
        for block in _requests(source):
            strange = [name for name in block.columns if name not in _COLUMNS]
            if strange:
                raise DataError(
                    f"{source} has the column '{strange[0]}'; requests have {', '.join(_COLUMNS)}."
                )
            yield InputBlock(block.assign(request=np.arange(first, first + len(block))))
            first += len(block)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`."""
        requests: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
        drawn = [self._drawn(model, request) for request in requests]
        return pd.concat(drawn, ignore_index=True)

    def _drawn(self, model: Any, request: dict[str, Any]) -> pd.DataFrame:
        asked = {name: value for name, value in request.items() if not pd.isna(value)}
        series = model.sample(
            int(asked.get("number", 1)),
            items=[asked["item_id"]],
            start=asked.get("start"),
            length=int(asked["length"]) if "length" in asked else None,
            constraints=self.constraints,
            missing=self.missing,
            seed=self.seed,
        )
        frame: pd.DataFrame = series.to_frame(provenance=True)
        return frame.assign(request=request["request"])


def _requests(source: Path | Iterable[Any]) -> Iterator[pd.DataFrame]:
    if not isinstance(source, Path):
        yield from _of_entries(source)
        return
    if source.name.endswith((".csv", ".csv.gz")):
        with reading(source):
            yield pd.read_csv(source)
        return
    stream = stream_entries(source)
    if stream is not None:
        yield from _of_entries(stream)
        return
    for block in table_blocks(source, "item_id"):
        yield block.table


def _of_entries(entries: Iterable[Any]) -> Iterator[pd.DataFrame]:
    """Return entries as requests, some at a time."""
    for block in entry_blocks(entries):
        read = [read_entry(text) for text in block.table["entry"]]
        yield pd.DataFrame({
            "item_id": [entry["item_id"] for entry in read],
            "start": [_first_time(entry) for entry in read],
            "length": [np.shape(entry["target"])[-1] for entry in read],
        })  # fmt: skip


def _first_time(entry: dict[str, Any]) -> str:
    start = entry.get("start")
    return start.start_time.isoformat() if isinstance(start, pd.Period) else str(start)
