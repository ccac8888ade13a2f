"""A study of fidelity: every measure beside its floor, real and synthetic windows side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.evaluation import MEASURES, StudyResult, floor_gaps

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

__all__ = ["fidelity_section"]

_SIGMAS = 2.0
_MEANINGS = {measure.name: measure.meaning for measure in MEASURES}
_ROLES = ("real", "synthetic")
_BETTER = {"lower": "lower is better", "higher": "higher is better", "one": "1 is best"}


def fidelity_section(result: StudyResult) -> Section:
    """Return the measures with their floors, and the pictures that the arrays allow."""
    columns = ["Metric", "Sample", "Real windows", "Rounding removed", "n", "Against real"]
    protocol = str(result.table["protocol"].iloc[0])
    note = (
        f"Protocol: {protocol}. “Real windows” is the floor: what real windows score in the place "
        "of the sample, at the same n. “Rounding removed” are those windows with noise of half a "
        "rounding unit: what samples miss beside them is shape, not grain. ± is the standard "
        "deviation over draws; “as good” is within two of them. Numbers at another n or under "
        "another protocol cannot be compared with "
        "these, and none of them proves privacy."
    )
    rows = _rows(result)
    return Section(
        "Are the samples like real series?",
        [Table("Numbers", columns, rows, note)],
        _pictures(result),
        headline={row[0].text: row[1] for row in rows},
        ground={
            "protocol": protocol,
            "n": str(result.table["n"].iloc[0]),
            "data": str(result.facts.get("data", {}).get("real", result.facts.get("data"))),
        },
    )


def _rows(result: StudyResult) -> list[list[Cell]]:
    rows = []
    for row, gap in zip(result.table.to_dict("records"), floor_gaps(result.table), strict=True):
        meaning = _MEANINGS.get(str(row["metric"]), "")
        good = bool(gap <= _SIGMAS)
        rows.append([
            Cell(
                str(row["metric"]).replace("_", " "),
                f"{meaning}{' ' if meaning else ''}({_BETTER[row['better']]})",
            ),
            Cell(f"{row['value']:.3g}", f"± {row['spread']:.2g}{_ceiling(row)}"),
            Cell(f"{row['floor']:.3g}", f"± {row['floor_spread']:.2g}"),
            _control(row),
            Cell(str(row["n"])),
            Cell("✓ as good", tone="good") if good else Cell("✗ worse", tone="bad"),
        ])  # fmt: skip
    return rows


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
