"""What a comparison of predictions with outcomes comes down to: numbers, a verdict, a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Array
from tsgen.metrics import CalibrationFit, CalibrationTable, Estimate

__all__ = ["CALIBRATION_COLUMNS", "CalibrationVerdict", "calibration_rows"]

CALIBRATION_COLUMNS = ("count", "predicted", "observed", "standard_error")
"""What `calibration_rows` holds."""

_SIGMAS = 2.0
_SURE = 0.3
"""Half width of the slope's interval, or of the ratio's, beyond which nothing is confirmed."""

_Subject = Literal["chance", "count"]
_NAMES = {"chance": "Chances", "count": "Expected numbers"}


def calibration_rows(table: CalibrationTable) -> Array:
    """Return the groups as rows of `CALIBRATION_COLUMNS`."""
    return np.column_stack([table.count, table.predicted, table.observed, table.standard_error])


@dataclass(frozen=True)
class CalibrationVerdict:
    """Whether predictions mean what they say, from groups and from a fit over all.

    Attributes:
        table: Predictions in groups.
        fit: Slope, intercept and ratio.
        kind: Whether they are chances of an event, or expected numbers of events.
        subject: Words that say whose they are, if that is not plain: " of all customers".
    """

    table: CalibrationTable
    fit: CalibrationFit
    kind: _Subject
    subject: str = ""

    @property
    def num_missed(self) -> int:
        """Groups that miss by more than two standard errors."""
        return int((np.abs(self.table.misses) > _SIGMAS).sum())

    @property
    def furthest(self) -> int:
        """The group that misses by most standard errors."""
        return int(np.abs(self.table.misses).argmax())

    @property
    def verdict(self) -> Literal["good", "bad", "open"]:
        """Whether they mean what they say, do not, or the data cannot tell.

        "bad" where slope or ratio exclude 1, or more groups miss than chance makes miss (two or
        more of ten: 7 % by chance). "good" only where no group misses and both are known well.
        """
        fit = self.fit
        off = not all(e.holds(1) for e in (fit.slope, fit.ratio) if not np.isnan(e.value))
        if off or self.num_missed > 1:
            return "bad"
        sure = all(e.high - e.low <= 2 * _SURE for e in (fit.slope, fit.ratio))
        return "good" if sure and not self.num_missed else "open"

    def facts(self) -> dict[str, Any]:
        """Return all of it as JSON values; None where the data determine no number."""
        table, at, fit = self.table, self.furthest, self.fit
        said, came = float(table.predicted[at]), float(table.observed[at])
        return {
            "verdict": self.verdict,
            "sentence": self.sentence(),
            "slope": _interval(fit.slope),
            "intercept": _interval(fit.intercept),
            "observed_over_expected": _interval(fit.ratio),
            "expected_calibration_error": table.error,
            "expected_calibration_error_by_chance": table.error_at_random,
            "groups": len(table.count),
            "groups_missed": self.num_missed,
            "furthest": {
                "group": at + 1,
                "predicted": said,
                "observed": came,
                "standard_errors": _finite(float(table.misses[at])),
                "ratio": _finite(came / said) if said else None,
            },
        }

    def sentence(self) -> str:
        """Return the verdict in words, with the numbers that it rests on."""
        name, overall = f"{_NAMES[self.kind]}{self.subject}", self._overall()
        if self.verdict == "good":
            return (
                f"{name} mean what they say: {overall}, slope {_brackets(self.fit.slope)}, and "
                f"none of {len(self.table.count)} groups misses by more than two standard errors."
            )
        words = "are not shown to be wrong, nor right"
        if self.verdict == "bad":
            words = "do not mean what they say"
        return f"{name} {words}: {overall}, {self._slope()}, {self._groups()}."

    def _overall(self) -> str:
        ratio = self.fit.ratio
        if np.isnan(ratio.value):
            return "nothing was expected"
        text = f"for 100 expected, {100 * ratio.value:.0f} [{100 * ratio.low:.0f}, "
        text += f"{100 * ratio.high:.0f}] came"
        return text if ratio.holds(1) else f"{text} (too {'low' if ratio.low > 1 else 'high'})"

    def _slope(self) -> str:
        slope = self.fit.slope
        if np.isnan(slope.value):
            return "too few events for a slope"
        text = f"slope {_brackets(slope)}"
        if slope.holds(1):
            return text
        if slope.high < 1:
            return f"{text} (too extreme: high ones too high, low ones too low)"
        return f"{text} (too timid: high ones too low, low ones too high)"

    def _groups(self) -> str:
        table, at = self.table, self.furthest
        text = "by more than two standard errors"
        if not self.num_missed:
            return f"by itself no group of {len(table.count)} misses {text}"
        text = f"{self.num_missed} of {len(table.count)} groups miss {text}"
        said, came = float(table.predicted[at]), float(table.observed[at])
        shown = [f"{100 * x:.3g} %" if self.kind == "chance" else f"{x:.3g}" for x in (said, came)]
        ratio = f"{came / said:.2f} times, " if said else ""
        return (
            f"{text}; furthest off is group {at + 1}: {shown[0]} predicted, {shown[1]} came "
            f"({ratio}{abs(table.misses[at]):.1f} standard errors)"
        )


def _brackets(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _interval(estimate: Estimate) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in estimate._asdict().items()}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
