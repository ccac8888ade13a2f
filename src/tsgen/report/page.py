"""A `StudyResult` as one HTML file that needs nothing else: no network, no other files."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tsgen.evaluation import MEASURES, NEAREST, StudyResult, floor_gaps
from tsgen.persistence import write_atomically

from .figures import (
    plot_autocorrelation,
    plot_embedding,
    plot_floor,
    plot_losses,
    plot_spectra,
    plot_windows,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["write_page"]

_SIGMAS = 2.0
_MEANINGS = {m.name: m.meaning for m in MEASURES} | {
    NEAREST: "Distance of a sample to its nearest training window, over that of real test windows: "
    "well below 1 points to copies."
}
_SHOWN_APART = ("study", "command", "versions", "seed")


class _Picture(NamedTuple):
    source: str
    alt: str
    caption: str


def write_page(
    result: StudyResult,
    path: str | Path,
    *,
    title: str | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    overwrite: bool = False,
) -> None:
    """Write the answer, the table, pictures, settings, versions and command as one HTML file.

    Args:
        result: What to show.
        path: The file to write.
        title: Heading; from the result if None.
        history: History rows of the training, for a picture of its losses.
        overwrite: Replace an older file.

    Raises:
        OutputError: The file exists, or cannot be written.
        DataError: `history` has no losses.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = PackageLoader("tsgen.report", "templates")
    pages = Environment(loader=templates, autoescape=True, undefined=StrictUndefined)
    facts = result.facts
    text = pages.get_template("study.html").render(
        title=title or f"tsgen: {facts.get('study', 'study')}",
        answer=result.answer,
        protocol=result.table["protocol"].iloc[0],
        rows=_rows(result),
        pictures=_pictures(result, history),
        command=facts.get("command"),
        seed=facts.get("seed"),
        versions=facts.get("versions", {}),
        facts=_flat({k: v for k, v in facts.items() if k not in _SHOWN_APART}),
    )
    with write_atomically(path, overwrite=overwrite) as file:
        file.write_text(text, encoding="utf-8")


def _rows(result: StudyResult) -> list[dict[str, Any]]:
    """Return the table's rows as texts."""
    better = {"lower": "lower is better", "higher": "higher is better", "one": "1 is best"}
    rows = []
    for row, gap in zip(result.table.to_dict("records"), floor_gaps(result.table), strict=True):
        rows.append(
            {
                "name": str(row["metric"]).replace("_", " "),
                "meaning": _MEANINGS.get(str(row["metric"]), ""),
                "better": better[row["better"]],
                "value": f"{row['value']:.3g}",
                "spread": f"{row['spread']:.2g}",
                "floor": f"{row['floor']:.3g}",
                "floor_spread": f"{row['floor_spread']:.2g}",
                "n": row["n"],
                "good": bool(gap <= _SIGMAS),
            }
        )
    return rows


def _pictures(result: StudyResult, history: Sequence[Mapping[str, Any]]) -> list[_Picture]:
    pictures = [
        _picture(
            plot_floor(result.table),
            "Each metric's distance from its ideal, for the sample and for real windows.",
            "How far each metric is from its ideal; the nearer the orange triangle is to the grey "
            "square, the more the sample is like real windows. Each row has its own scale.",
        )
    ]
    arrays = result.arrays
    if {"real", "synthetic"} <= set(arrays):
        windows = {role: arrays[role] for role in ("real", "synthetic")}
        pictures += [
            _picture(
                plot_windows(windows),
                "Eight real and eight synthetic windows side by side.",
                "Windows as drawn, not chosen; each in its own range.",
            ),
            _picture(
                plot_autocorrelation(windows),
                "Mean autocorrelation of real and synthetic windows over lags.",
                "How much a value tells of later ones.",
            ),
            _picture(
                plot_spectra(windows),
                "Mean log power of real and synthetic windows over frequency.",
                "Slow movements left, fast ones right.",
            ),
        ]
    if {"real_embeddings", "synthetic_embeddings"} <= set(arrays):
        pictures.append(
            _picture(
                plot_embedding(
                    {role: arrays[f"{role}_embeddings"] for role in ("real", "synthetic")}
                ),
                "Real and synthetic windows as points in the main two directions of the real ones.",
                "Each point is a window; synthetic ones should fill the same places.",
            )
        )
    if history:
        pictures.append(
            _picture(plot_losses(history), "Losses over training steps.", "Losses of the training.")
        )
    return pictures


def _picture(ax: Axes, alt: str, caption: str) -> _Picture:
    import matplotlib as mpl

    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "tsgen"}):  # the same picture, the same bytes
        ax.figure.figure.savefig(file, format="svg", metadata={"Date": None})
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return _Picture(f"data:image/svg+xml;base64,{text}", alt, caption)


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested facts as lines of "a, b" -> text."""
    lines: dict[str, str] = {}
    for name, value in facts.items():
        key = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping) and value:
            lines |= _flat(value, f"{key}, ")
        else:
            lines[key] = value if isinstance(value, str) else json.dumps(value)
    return lines
