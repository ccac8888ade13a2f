"""Whether predictions mean what they say, on the page of any study that judged them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tsgen.arrays import AnyArray
from tsgen.displays import percent
from tsgen.evaluation import StudyResult

from ..figures import plot_calibration
from .base import Cell, Picture, Table, picture

__all__ = ["calibration_pictures", "calibration_sentences", "calibration_tables"]

_TONES = {"good": "good", "bad": "bad", "open": ""}
_MISS = 2.0


class _Kind(NamedTuple):
    heading: str
    members: str
    form: Callable[[float], str]
    percent: bool


_KINDS = {
    "counts": _Kind("Expected events of users", "Users", "{:.3g}".format, False),
    "chances": _Kind("Chance of at least one event", "Pairs", partial(percent, digits=3), True),
}


def calibration_sentences(result: StudyResult) -> list[Cell]:
    """Return the verdicts in words; none of results of earlier versions."""
    return [
        Cell(part["sentence"], tone=_TONES[part["verdict"]])
        for part in result.facts.get("calibration", {}).values()
    ]


def calibration_tables(result: StudyResult, **members: str) -> list[Table]:
    """Return, for counts and chances where there are any, the verdict's numbers and the groups.

    Args:
        result: Of a study that keeps groups as `calibration.counts` or `calibration.chances`.
        **members: What a group of either holds, if not users and pairs.
    """
    tables = []
    for name, kind in _KINDS.items():
        groups = result.arrays.get(f"calibration.{name}")
        if groups is None:
            continue
        facts = result.facts.get("calibration", {}).get(name)
        if facts:
            tables.append(_numbers(kind, facts))
        tables.append(_groups(kind, members.get(name, kind.members), groups))
    return tables


def _numbers(kind: _Kind, facts: Mapping[str, Any]) -> Table:
    scale, unit = (100, " points") if kind.percent else (1, "")
    error, at_random = (
        f"{scale * facts[name]:.3g}{unit}"
        for name in ("expected_calibration_error", "expected_calibration_error_by_chance")
    )
    rows = [
        [
            Cell("Observed over expected", "1 is best"),
            *_estimate(facts["observed_over_expected"], 1),
        ],
        [
            Cell("Slope", "1 is best; below 1, high ones are too high and low ones too low"),
            *_estimate(facts["slope"], 1),
        ],
        [
            Cell("Intercept", "0 is best; below 0, too high overall"),
            *_estimate(facts["intercept"], 0),
        ],
        [
            Cell("Expected calibration error", "mean distance of predicted and observed"),
            Cell(""),
            Cell(error, f"by chance alone {at_random}"),
        ],
        [
            Cell("Groups that miss by more than two standard errors"),
            _holds(facts["groups_missed"] == 0),
            Cell(f"{facts['groups_missed']} of {facts['groups']}"),
        ],
    ]
    note = (
        f"{facts['sentence']} Slope and intercept are of a regression of what came on what was "
        "predicted (log odds of chances, logarithms of numbers; the intercept at slope 1). "
        "Brackets are 95 % intervals; a user's events count as belonging together."
    )
    return Table(
        f"{kind.heading}: do they mean what they say?", ["", "Verdict", "Value"], rows, note
    )


def _estimate(facts: Mapping[str, float | None], ideal: float) -> list[Cell]:
    value, low, high = (facts[name] for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return [Cell("too few events"), Cell("–")]
    return [
        _holds(low <= ideal <= high, f"{ideal} is "),
        Cell(f"{value:.2f}", f"[{low:.2f}, {high:.2f}]"),
    ]


def _holds(good: bool, subject: str = "") -> Cell:
    if good:
        return Cell(f"✓ {subject}within" if subject else "✓ none", tone="good")
    return Cell(f"✗ {subject}not within" if subject else "✗ off", tone="bad")


def _groups(kind: _Kind, members: str, groups: AnyArray) -> Table:
    rows = []
    for place, (number, said, came, error) in enumerate(groups):
        sigmas = (came - said) / error if error else np.inf * np.sign(came - said)
        rows.append([
            Cell(f"{place + 1}"),
            _verdict(sigmas if came != said else 0.0),
            Cell(kind.form(said)),
            Cell(kind.form(came), f"± {kind.form(error)}"),
            Cell(f"{came / said:.2f}" if said else "–"),
            Cell(f"{int(number):,}"),
        ])  # fmt: skip
    columns = ["Group, lowest first", "Verdict", "Predicted", "Observed", "Times", members]
    note = "± is the standard error of observed less predicted; times is observed over predicted."
    return Table(kind.heading, columns, rows, note)


def _verdict(sigmas: float) -> Cell:
    if abs(sigmas) <= _MISS:
        return Cell("✓ within two standard errors", tone="good")
    word = "too low" if sigmas > 0 else "too high"
    return Cell(f"✗ {word}", f"by {abs(sigmas):.1f} standard errors", "bad")


def calibration_pictures(result: StudyResult) -> list[Picture]:
    """Return predicted against observed on linear axes and, where they hide some, on log axes."""
    pictures = []
    for name, kind in _KINDS.items():
        groups = result.arrays.get(f"calibration.{name}")
        if groups is None:
            continue
        said = result.facts.get("calibration", {}).get(name, {}).get("sentence", "")
        alt = f"{kind.heading}: predicted against observed, by group."
        linear = plot_calibration(groups, percent=kind.percent, scale="linear")
        pictures.append(picture(linear, f"{alt} Linear axes.", f"{said} Linear axes.".strip()))
        both = plot_calibration(groups, percent=kind.percent)
        if both.get_xscale() == "log":
            caption = "The same on logarithmic axes: small ones can be seen, misses look small."
            pictures.append(picture(both, f"{alt} Logarithmic axes.", caption))
    return pictures
