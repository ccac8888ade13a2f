"""A choice of augmentation: use it or not, every candidate with its interval, and what failed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.evaluation import StudyResult

from ..figures import plot_differences
from .base import Cell, Picture, Section, Table, picture

__all__ = ["augmentation_section"]

_NOTE = (
    "Change of the error on windows that nothing learnt from, against real series alone; lower is "
    "better. Brackets are 95 % intervals over series, windows in time, draws of the synthetic "
    "series and seeds. Expected: shrunk, because the best of many is partly luck. Runs: draws "
    "times seeds."
)


def augmentation_section(result: StudyResult) -> Section:
    """Return the table and the picture of a choice."""
    facts, table = result.facts, result.table
    return Section(
        "Do more series help our forecaster, and which?",
        [t for t in (_candidates(result), _failures(facts["failures"])) if t.rows],
        _pictures(table),
        headline=_headline(table),
        verdicts=[_in_short(table)],
        ground={
            "data": str(facts["data"]["fingerprint"]),
            "steps forecast": str(facts["prediction_length"]),
            "rule": str(facts["rule"]),
        },
    )


def _headline(table: pd.DataFrame) -> dict[str, Cell]:
    chosen = table[table["chosen"]]
    if chosen.empty:
        return {"Use": Cell("none", "nothing helps for sure", "bad")}
    row: Any = chosen.iloc[0]
    return {"Use": Cell(row["candidate"], f"{row['expected']:+.1f} % expected", "good")}


def _in_short(table: pd.DataFrame) -> Cell:
    use = _headline(table)["Use"]
    change = " of the error" if use.tone == "good" else ""
    return Cell(f"Use {use.text.replace('_', ' ')}: {use.detail}{change}.", tone=use.tone)


def _candidates(result: StudyResult) -> Table:
    columns = ["Candidate", "Verdict", "Change", "Expected", "Standard errors", "Runs", "Judged by"]
    rows = [
        [
            Cell(str(row["candidate"]).replace("_", " ")),
            _verdict(row),
            Cell(f"{row['value']:+.1f} %", f"[{row['low']:+.1f}, {row['high']:+.1f}]"),
            Cell(f"{row['expected']:+.1f} %"),
            Cell(f"{row['sureness']:.1f}"),
            Cell(str(row["runs"])),
            Cell(str(row["forecaster"])),
        ]
        for row in result.table.to_dict("records")
    ]
    rule = f" Taken if better by {result.facts['rule']}."
    return Table("All that was tried", columns, rows, _NOTE + rule)


def _verdict(row: Any) -> Cell:
    if row["chosen"]:
        return Cell("✓ use it", tone="good")
    if row["low"] > 0:
        return Cell("✗ harms", tone="bad")
    return Cell("not sure" if row["value"] < 0 else "no gain")


def _failures(failures: list[dict[str, Any]]) -> Table:
    rows = [[Cell(str(f["candidate"])), Cell(str(f["failed"]))] for f in failures]
    return Table("Not run", ["Candidate", "Reason"], rows)


def _pictures(table: pd.DataFrame) -> list[Picture]:
    names = [str(name).replace("_", " ") for name in table["candidate"]]
    ends = [table[name].to_numpy(np.float64) for name in ("value", "low", "high")]
    differences = ", ".join(f"{n} {d:+.1f} %" for n, d in zip(names, ends[0], strict=True))
    caption = "An interval that touches 0 shows nothing."
    label = "mean, 95 % interval"
    drawn = plot_differences(names, *ends, label=label)
    return [picture(drawn, f"Change of the error: {differences}.", caption, wide=True)]
