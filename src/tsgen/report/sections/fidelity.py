"""A study of fidelity: every measure beside its floor, real and synthetic windows side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.displays import percent
from tsgen.evaluation import (
    MEASURES,
    StudyResult,
    floor_gaps,
    floor_ratios,
    floor_verdicts,
    measure_title,
)

from ..figures import (
    plot_autocorrelation,
    plot_cross_correlation,
    plot_embedding,
    plot_floor,
    plot_losses,
    plot_spectra,
    plot_windows,
)
from .base import Cell, Picture, Section, Table, picture
from .drill_down import series_picture, series_table

__all__ = ["BETTER", "fidelity_section", "verdict_cell"]

_VERDICTS = {
    "as good": ("✓ as good", "good"),
    "worse": ("✗ worse", "bad"),
    "cannot tell": ("cannot tell", ""),
}
_MEANINGS = {measure.name: measure.meaning for measure in MEASURES}
_ROLES = ("real", "synthetic")
BETTER = {"lower": "lower is better", "higher": "higher is better", "one": "1 is best"}


def fidelity_section(result: StudyResult) -> Section:
    """Return the measures with their floors, and the pictures that the arrays allow."""
    columns = ["Metric", "Against real", "Sample", "Real windows", "Rounding removed", "n"]
    protocol = str(result.table["protocol"].iloc[0])
    note = (
        f"Protocol: {protocol}. “Real windows” is the floor: what real windows score in the place "
        "of the sample, at the same n. “Rounding removed” are those windows with noise of half a "
        "rounding unit: what samples miss beside them is shape, not grain. ± is the standard "
        "deviation over draws, about the standard error of their mean. “Worse” is by more than "
        "two, “as good” means that two exclude twice the distance of real windows from the ideal; "
        "between them, noise forbids to tell. Numbers at another n or under another protocol "
        "cannot be compared with these, and none of them proves privacy."
    )
    rows = _rows(result)
    return Section(
        "Are the samples like real series?",
        [Table("Numbers", columns, rows, note), *series_table(result)],
        [*_pictures(result), *series_picture(result)],
        verdicts=_verdicts(result),
        headline={row[0].text: row[2] for row in rows},
        ground={
            "protocol": protocol,
            "n": str(result.table["n"].iloc[0]),
            "data": str(result.facts.get("data", {}).get("real", result.facts.get("data"))),
        },
    )


def _verdicts(result: StudyResult) -> list[Cell]:
    """Return what was found of copies, and how many measures say what."""
    verdicts = floor_verdicts(result.table)
    words = {
        "as good": "as good as real ones",
        "worse": "worse",
        "cannot tell": "too noisy to tell",
    }
    counts = ", ".join(f"{verdicts.count(w)} {text}" for w, text in words.items())
    tone = "bad" if "worse" in verdicts else "good" if set(verdicts) == {"as good"} else ""
    cells = [Cell(f"Beside real windows, by measure: {counts}.", tone=tone)]
    data = result.facts.get("data")
    copies = data.get("copies") if isinstance(data, dict) else None
    if copies:
        searched = f"{copies['num_searched']:,} training windows searched"
        if copies["copied"]:
            nearer = percent(copies["nearer"], 1)
            sentence = f"Copies of training data: {nearer} of the samples ({searched})."
            cells.append(Cell(sentence, tone="bad"))
        else:
            cells.append(Cell(f"No sign of copied training data ({searched}).", tone="good"))
    return cells


def _rows(result: StudyResult) -> list[list[Cell]]:
    table = result.table
    verdicts = zip(floor_verdicts(table), floor_gaps(table), floor_ratios(table), strict=True)
    rows = []
    for row, verdict in zip(table.to_dict("records"), verdicts, strict=True):
        meaning = _MEANINGS.get(str(row["metric"]), "")
        rows.append([
            Cell(
                measure_title(str(row["metric"])),
                f"{meaning}{' ' if meaning else ''}({BETTER[row['better']]})",
            ),
            verdict_cell(*verdict),
            Cell(f"{row['value']:.3g}", f"± {row['spread']:.2g}{_ceiling(row)}"),
            Cell(f"{row['floor']:.3g}", f"± {row['floor_spread']:.2g}"),
            _control(row),
            Cell(str(row["n"])),
        ])  # fmt: skip
    return rows


def verdict_cell(verdict: str, gap: float, ratio: float) -> Cell:
    """Return the verdict with how far off the value is, in standard errors and as a ratio."""
    text, tone = _VERDICTS[verdict]
    if verdict != "worse":
        return Cell(text, tone=tone)
    times = f", {ratio:.3g} times as far from the ideal" if np.isfinite(ratio) else ""
    return Cell(text, f"{gap:.1f} standard errors{times}", tone)


def _ceiling(row: dict[Any, Any]) -> str:
    """Return what a perfect learner would score, where the ages of training set a limit."""
    best = float(row.get("ceiling", np.nan))
    return "" if np.isnan(best) else f", perfect learner {best:.2g}"


def _control(row: dict[Any, Any]) -> Cell:
    """Return what real windows without their rounding score; runs of earlier versions lack it."""
    value = float(row.get("unrounded", np.nan))
    if np.isnan(value):
        return Cell("–")
    return Cell(f"{value:.3g}", f"± {row['unrounded_spread']:.2g}")


def _pictures(result: StudyResult) -> list[Picture]:
    pictures = [
        picture(
            plot_floor(result.table),
            "Each metric's distance from its ideal, for the sample and for real windows.",
            "How far each metric is from its ideal; the nearer the orange triangle is to the grey "
            "square, the more the sample is like real windows. Each row has its own scale.",
            wide=True,
        )
    ]
    arrays = result.arrays
    if {*_ROLES} <= set(arrays):
        windows = {role: arrays[role] for role in _ROLES}
        pictures += [
            picture(
                plot_windows(windows),
                "Eight real and eight synthetic windows side by side.",
                "Windows as drawn, not chosen; each in its own range.",
            ),
            picture(
                plot_autocorrelation(windows),
                "Mean autocorrelation of real and synthetic windows over lags.",
                "How much a value tells of later ones.",
            ),
            picture(
                plot_spectra(windows),
                "Mean log power of real and synthetic windows over frequency.",
                "Slow movements left, fast ones right.",
            ),
        ]
    if "channels" in result.facts:
        correlations = {role: arrays[f"{role}_cross_correlation"] for role in _ROLES}
        pictures.append(
            picture(
                plot_cross_correlation(correlations, result.facts["channels"]),
                "Cross-correlation of pairs of channels over lags, real and synthetic.",
                "Which channel goes with, or follows, which: at a positive lag the second follows "
                "the first. The pairs that go together most.",
            )
        )
    if {"real_embeddings", "synthetic_embeddings"} <= set(arrays):
        clouds = {role: arrays[f"{role}_embeddings"] for role in _ROLES}
        pictures.append(
            picture(
                plot_embedding(clouds),
                "Real and synthetic windows as points in the main two directions of the real ones.",
                "Each point is a window; synthetic ones should fill the same places.",
            )
        )
    if history := result.history:
        pictures.append(
            picture(plot_losses(history), "Losses over training steps.", "Losses of the training.")
        )
    return pictures
