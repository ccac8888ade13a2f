"""A policy: layers of operations with magnitudes and probabilities, readable and editable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.errors import ModelFormatError, SettingsError
from tsgen.persistence import fault_of
from tsgen.rng import numpy_stream
from tsgen.storage import check_readable, write_text

from ..operations import AlignedOperation, draw_sources, synthetic_after
from .magnitudes import IDENTITY, transform_of

__all__ = ["AugmentationPolicy", "PolicyEntry"]

_FORMAT, _KIND = 1, "augmentation-policy"


@dataclass(frozen=True)
class PolicyEntry:
    """One row of a policy.

    Attributes:
        layer: From 1.
        operation: Its name; "identity" changes nothing.
        magnitude: Its strength, see `MAGNITUDES`; None where it has none.
        probability: How often the layer takes it.
        score: Cosine of its gradient with that of later windows; NaN where it was not measured.
    """

    layer: int
    operation: str
    magnitude: float | None
    probability: float
    score: float = float("nan")


@dataclass(frozen=True)
class AugmentationPolicy:
    """Makes series by several layers, each taking one operation at random.

    An `Operation`, so it goes wherever one does: `make_series`, `OnlineAugmentation`,
    `choose_augmentation(candidates=...)`.

    Attributes:
        entries: Rows; probabilities of a layer that do not add up to 1 are taken in proportion.
        operations: Name -> operation, of those that are no transforms (a trained PSA-GAN).
        name: What tables and `info` call it.

    Example:
        >>> from tsgen.data import simulate_series
        >>> rows = [PolicyEntry(1, "identity", None, 0.5), PolicyEntry(1, "jitter", 0.05, 0.5)]
        >>> policy = AugmentationPolicy(rows)
        >>> len(policy(simulate_series(num_series=4, length=48, seed=1), 1.0, seed=2))
        4
    """

    entries: Sequence[PolicyEntry]
    operations: Mapping[str, AlignedOperation] = field(default_factory=dict)
    name: str = "policy"

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(self.entries))
        layers = [entry.layer for entry in self.entries]
        if sorted(set(layers)) != list(range(1, len(set(layers)) + 1)) or not layers:
            raise SettingsError(f"A policy has the layers {sorted(set(layers))}; number them 1, 2.")
        for entry in self.entries:
            self._check(entry)
        for layer, rows in enumerate(self._layers, 1):
            if not sum(entry.probability for entry in rows) > 0:
                raise SettingsError(f"Layer {layer} of the policy has no probability above 0.")

    def _check(self, entry: PolicyEntry) -> None:
        if not (np.isfinite(entry.probability) and entry.probability >= 0):
            raise SettingsError(
                f"Layer {entry.layer}, '{entry.operation}': probability={entry.probability} is not "
                "possible; use a number from 0."
            )
        if entry.operation != IDENTITY and entry.operation not in self.operations:
            transform_of(entry.operation, entry.magnitude)

    @property
    def _layers(self) -> list[list[PolicyEntry]]:
        num = max(entry.layer for entry in self.entries)
        return [[e for e in self.entries if e.layer == layer] for layer in range(1, num + 1)]

    @property
    def unchanged(self) -> float:
        """Share of series that come out as they are: every layer took the identity."""
        shares = [
            sum(e.probability for e in rows if e.operation == IDENTITY)
            / sum(e.probability for e in rows)
            for rows in self._layers
        ]
        return float(np.prod(shares))

    def uniform(self) -> Self:
        """Return the policy that takes each operation of a layer equally often."""
        rows = [
            PolicyEntry(e.layer, e.operation, e.magnitude, 1 / len(layer), e.score)
            for layer in self._layers
            for e in layer
        ]
        return type(self)(rows, self.operations, "uniform policy")

    def with_operations(self, operations: Mapping[str, AlignedOperation]) -> Self:
        """Return the policy with other operations of the same names, such as trained anew."""
        return type(self)(self.entries, operations, self.name)

    def table(self) -> pd.DataFrame:
        """Return a row an entry: layer, operation, magnitude, probability, uniform, score."""
        sizes = [len(rows) for rows in self._layers]
        rows = [
            {
                "layer": e.layer,
                "operation": e.operation,
                "magnitude": np.nan if e.magnitude is None else e.magnitude,
                "probability": e.probability,
                "uniform": 1 / sizes[e.layer - 1],
                "score": e.score,
            }
            for e in self.entries
        ]
        return pd.DataFrame(rows)

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, operations: Mapping[str, AlignedOperation] | None = None
    ) -> Self:
        """Return the policy of a table that `table` gave, edited perhaps."""
        rows = [
            PolicyEntry(
                int(row["layer"]),
                str(row["operation"]),
                None if pd.isna(row["magnitude"]) else float(row["magnitude"]),
                float(row["probability"]),
                float(row.get("score", np.nan)),
            )
            for row in table.to_dict("records")
        ]
        return cls(rows, operations or {})

    def __call__(self, dataset: SeriesDataset, ratio: float, *, seed: int) -> SeriesDataset:
        """Return round(ratio * series) new series; see `Operation`."""
        return self.after(dataset, draw_sources(len(dataset), ratio, seed), seed=seed)

    def after(self, dataset: SeriesDataset, rows: Integers, *, seed: int) -> SeriesDataset:
        """Return a new series after each of `rows`, through all layers."""
        for layer, entries in enumerate(self._layers, 1):
            values = self._through(entries, dataset, rows, numpy_stream(seed, "policy", layer))
            dataset = synthetic_after(dataset, rows, values, self.name)
            rows = np.arange(len(dataset))
        return dataset

    def _through(
        self, entries: list[PolicyEntry], dataset: SeriesDataset, rows: Integers,
        draw: np.random.Generator,
    ) -> Array:  # fmt: skip
        """Return the values after one layer, one series after another."""
        shares = np.array([entry.probability for entry in entries])
        chosen = draw.choice(len(entries), len(rows), p=shares / shares.sum())
        seeds = draw.integers(0, 2**31, len(entries))
        series = [dataset.series(row) for row in rows]
        for place, entry in enumerate(entries):
            mine = np.flatnonzero(chosen == place)
            if len(mine) and entry.operation != IDENTITY:
                made = self._operation(entry).after(dataset, rows[mine], seed=int(seeds[place]))
                for k, target in enumerate(mine):
                    series[target] = made.series(k)
        return np.concatenate(series)

    def _operation(self, entry: PolicyEntry) -> AlignedOperation:
        given = self.operations.get(entry.operation)
        return transform_of(entry.operation, entry.magnitude) if given is None else given

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the table as JSON, to be read, edited, and loaded.

        Raises:
            OutputError: The file exists, or the disk refused the write.
        """
        rows = [
            {
                "layer": e.layer, "operation": e.operation, "magnitude": e.magnitude,
                "probability": e.probability, "score": None if np.isnan(e.score) else e.score,
            }
            for e in self.entries
        ]  # fmt: skip
        content = {"format": _FORMAT, "kind": _KIND, "entries": rows}
        write_text(path, json.dumps(content, indent=1) + "\n", overwrite=overwrite)

    @classmethod
    def load(
        cls, path: str | Path, operations: Mapping[str, AlignedOperation] | None = None
    ) -> Self:
        """Read what `save` wrote, edited perhaps.

        Args:
            path: The file.
            operations: Those that are no transforms, by name.

        Raises:
            ModelFormatError: The file holds no policy.
            SettingsError: It names an operation that is neither a transform nor given.
        """
        check_readable(Path(path))
        try:
            content = json.loads(Path(path).read_text("utf-8"))
            if content["kind"] != _KIND or content["format"] != _FORMAT:
                raise ValueError("another kind or format")
            rows = [
                PolicyEntry(
                    int(row["layer"]),
                    str(row["operation"]),
                    None if row["magnitude"] is None else float(row["magnitude"]),
                    float(row["probability"]),
                    float("nan" if row.get("score") is None else row["score"]),
                )
                for row in content["entries"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelFormatError(
                f"{path} holds no policy ({fault_of(error)}); give a file that `save` wrote."
            ) from None
        return cls(rows, operations or {})
