"""What a study keeps of its data, and the page of data alone: histograms, and a few to look at."""

from __future__ import annotations

from typing import Any

from tsgen.displays import amount, percent
from tsgen.evaluation import StudyResult, read_histograms

from ..figures import plot_histogram, plot_multiples
from .base import Cell, Picture, Section, Table, picture

__all__ = ["data_section", "histogram_pictures"]

_SHARES = {"missing", "zeros", "repeats", "users with one event"}
_SERIES = {
    "steps": "Steps", "missing": "Missing", "gap": "Longest gap", "zeros": "Zeros",
    "low": "Least", "mean": "Mean", "high": "Greatest",
}  # fmt: skip


def histogram_pictures(result: StudyResult) -> list[Picture]:
    """Return a picture of each histogram; none of studies that keep none."""
    pictures = []
    for name, histogram in read_histograms(result.arrays).items():
        shares = {role: histogram.shares(role) for role in histogram.counts}
        caption = f"Shares by {name}."
        if histogram.beyond:
            caption += f" {histogram.beyond:,} beyond the ends are in the outermost bars."
        alt = f"Histogram of {name}: {', '.join(histogram.counts)}."
        pictures.append(picture(plot_histogram(histogram.edges, shares, name=name), alt, caption))
    return pictures


def data_section(result: StudyResult) -> Section:
    """Return the page of data: counts, and series or items to look at."""
    shown, count = result.facts["shown"], result.facts["num_described"]
    counts = [
        [Cell(name), Cell(_number(name, value))]
        for name, value in zip(result.table["metric"], result.table["value"], strict=True)
    ]
    tables = [Table("How much there is", ["", "Number"], counts)]
    if "shown" not in result.arrays:
        rows = [[Cell(row["item"]), *(Cell(f"{row[k]:,}") for k in ("events", "users"))]
                for row in shown]  # fmt: skip
        note = f"The {len(rows)} most frequent of {count:,} items."
        tables.append(Table("Most frequent items", ["Item", "Events", "Users"], rows, note))
        return Section("What is in these events?", tables)
    rows = [[Cell(row["item"]), *(_of_series(row, name) for name in _SERIES)] for row in shown]
    note = f"{len(rows)} of {count:,} series, evenly from the lowest mean to the highest."
    tables.append(Table("Series by series", ["Series", *_SERIES.values()], rows, note))
    titles = [row["item"] for row in shown]
    caption = f"{note} Each is drawn in its own range, at {result.arrays['shown'].shape[1]} steps."
    alt = f"{len(titles)} series, the first {titles[0]}, the last {titles[-1]}."
    drawn = plot_multiples(titles, {"real": result.arrays["shown"]})
    return Section("What is in these series?", tables, [picture(drawn, alt, caption, wide=True)])


def _number(name: str, value: float) -> str:
    shares = name in _SHARES or name.startswith("events of")
    return percent(value, 1) if shares else amount(value)


def _of_series(row: dict[str, Any], name: str) -> Cell:
    value = row[name]
    if value is None:
        return Cell("–")
    return Cell(percent(value, 1) if name in ("missing", "zeros") else amount(value))
