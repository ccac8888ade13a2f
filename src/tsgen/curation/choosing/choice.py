"""The answer: which series to add, or none, with what it rests on; saved and used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import pandas as pd

from tsgen.data import SeriesDataset, as_series
from tsgen.displays import html_facts
from tsgen.errors import DataError, ModelFormatError
from tsgen.persistence import fault_of, save_model_folder
from tsgen.rng import resolve_seed

from ..operations import Operation
from .candidates import Candidate, augmented
from .gains import Gain
from .saved_operations import described, model_files, restored_operation

__all__ = ["AugmentationChoice"]

_KIND = "augmentation-choice"


@dataclass(frozen=True, eq=False)
class AugmentationChoice:
    """Which series help a forecaster, or that none does. Made by `choose_augmentation`.

    Attributes:
        chosen: The candidate to use; None if nothing tried helps for sure.
        gain: What the chosen one (or the best, if none is chosen) changed.
        best: The best candidate, chosen or not; None if none could be run.
        table: One row a candidate, the best first: `candidate`, `change`, `low`, `high` (of the
            loss, in per cent of real alone), `expected`, `sureness` (in standard errors), `runs`,
            `forecaster`, and `failed`, why it could not be run.
        operations: What makes the chosen candidate's series, trained on all data.
        facts: Data, settings, plan, seconds, versions, as JSON values.
        dataset: The augmented dataset; the real one if nothing is chosen. None when loaded.

    Example:
        >>> from tsgen.data import simulate_series
        >>> from tsgen.curation import RoundPlan, choose_augmentation
        >>> real = simulate_series(num_series=6, length=120, seed=1)
        >>> plan = RoundPlan((1, 1, 2), (1, 1, 2), kept=(1, 1), max_steps=50)
        >>> choice = choose_augmentation(real, 6, candidates=["jitter"], plan=plan, seed=1)
        >>> bool(choice.table["candidate"].str.startswith("jitter").all())
        True
    """

    chosen: Candidate | None
    gain: Gain | None
    best: Candidate | None
    table: pd.DataFrame
    operations: Mapping[str, Operation]
    facts: dict[str, Any]
    dataset: SeriesDataset | None = field(default=None, repr=False)

    def _repr_html_(self) -> str:
        numbers = self.table.drop(columns="failed", errors="ignore")
        return html_facts(self.answer, {}) + str(
            numbers.to_html(escape=True, index=False, float_format="{:.3g}".format)
        )

    @property
    def answer(self) -> str:
        """What was found, in a manager's words."""
        tried = self._tried()
        if self.best is None or self.gain is None:
            return f"Do not add series: {tried}."
        if self.chosen is None:
            return (
                f"Do not add series: {tried}, and nothing helps here for sure. The best, "
                f"{self.best.name}, changed the error by {_percent(self.gain.change)} (between "
                f"{_percent(self.gain.low)} and {_percent(self.gain.high)})."
            )
        expected, low, high = map(_less, (self.gain.expected, self.gain.high, self.gain.low))
        added = " and ".join(f"{r:.2g} × {n}" for n, r in self.chosen.ratios.items())
        return (
            f"Use it: add {added} series for each real one; {expected} error expected, between "
            f"{low} and {high}. {tried[0].upper()}{tried[1:]}."
        )

    def _tried(self) -> str:
        """Return how many ways ran, how many could not, and the first reason."""
        left_out = self.facts.get("narrowing", {}).get("left_out", [])
        lost = self.table["failed"].notna() & ~self.table["candidate"].isin(left_out)
        number, broken = int(self.table["failed"].isna().sum()), int(lost.sum())
        ran = f"{number} way{' was' if number == 1 else 's were'} tried" if number else ""
        if not broken:
            return ran
        first = self.table[lost].iloc[0]
        reason = str(first["failed"]).rstrip(".")
        why = f"{broken} could not be run ({first['candidate']}: {reason})"
        return f"{ran}, {why}" if ran else why

    def augment(self, data: Any, *, seed: int | None = None) -> SeriesDataset:
        """Add what was chosen to other data, such as next month's; real series come first.

        Args:
            data: A GluonTS dataset or long table of the same frequency; synthetic series in it are
                left out.
            seed: Same seed, same series.

        Raises:
            DataError: Another frequency, or multivariate data.
        """
        dataset = as_series(data)
        if dataset.freq != self.facts["data"]["freq"]:
            raise DataError(
                f"The choice was made for freq={self.facts['data']['freq']!r}, these data have "
                f"{dataset.freq!r}; choose anew for them."
            )
        real = dataset.subset(~dataset.synthetic)
        if self.chosen is None:
            return real
        return augmented(real, self.chosen, self.operations, resolve_seed(seed))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a folder that `tsgen.load` reads; trained synthesizers are in it.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        facts = {
            "chosen": _plain(self.chosen),
            "best": _plain(self.best),
            "gain": None if self.gain is None else asdict(self.gain),
            "table": _rows(self.table),
            "makers": {name: described(made_by) for name, made_by in self.operations.items()},
            "facts": self.facts,
        }
        files = {
            path: write
            for name, made_by in self.operations.items()
            for path, write in model_files(name, made_by).items()
        }
        save_model_folder(path, _KIND, facts, files, overwrite=overwrite)

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this."""
        try:
            makers = facts["makers"]
            operations = {
                name: restored_operation(made_by, path / name, device, trust)
                for name, made_by in makers.items()
            }
            gain = None if facts["gain"] is None else Gain(**facts["gain"])
            chosen, best = _candidate(facts["chosen"]), _candidate(facts["best"])
            table = pd.DataFrame(facts["table"])
            return cls(chosen, gain, best, table, operations, facts["facts"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFormatError(
                f"{path} is not a complete choice ({fault_of(error)}). Copy the "
                "folder again or choose anew."
            ) from error


def _less(change: float) -> str:
    """Return the change of an error in words; a rule of one's own may choose what has more."""
    return f"{abs(100 * change):.1f} % {'more' if change > 0 else 'less'}"


def _percent(change: float) -> str:
    return f"{100 * change:+.1f} %"


def _plain(candidate: Candidate | None) -> Any:
    return None if candidate is None else [candidate.name, [list(p) for p in candidate.parts]]


def _candidate(plain: Any) -> Candidate | None:
    if plain is None:
        return None
    return Candidate(plain[0], tuple((name, share) for name, share in plain[1]))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as JSON values; what is missing is null."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
