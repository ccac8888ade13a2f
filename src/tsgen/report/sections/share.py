"""May the synthetic series be handed out? Who is found, what they are worth, how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tsgen.evaluation import (
    StudyResult,
    floor_gaps,
    floor_ratios,
    floor_verdicts,
    measure_title,
)

from ..figures import plot_effects
from .base import Cell, Picture, Section, Table, picture
from .fidelity import BETTER, verdict_cell

__all__ = ["share_section"]

_VERDICTS = {
    "no": Cell("no", "an attack finds what was learnt from", "bad"),
    "too few to say": Cell("too few to say", "fewer than 300 windows of others", "bad"),
    "not useful": Cell("not useful", "forecasters lose by them", "bad"),
    "yes": Cell("yes", "as far as this was tested", "good"),
}
_ATTACK = (
    "Share of the windows that the generator learnt from which an attacker finds who sees the "
    "synthetic series and trains reference models like the one that made them; brackets are 95 % "
    "intervals over series. By chance as many are found as are wrongly accused. Other attacks may "
    "find more; nothing here is a guarantee of privacy."
)
_USE = (
    "Mean weighted quantile loss on the last windows of the real series; lower is better. Brackets "
    "are 95 % intervals over series."
)


def share_section(result: StudyResult) -> Section:
    """Return the three tables of the question, and its verdict."""
    facts, table = result.facts, result.table
    parts = {str(name): rows for name, rows in table.groupby("part", sort=False)}
    tables = [_attack(parts["attack"]), _use(parts["use"])]
    if "fidelity" in parts:
        tables.append(_fidelity(parts["fidelity"]))
    return Section(
        "May these series be handed out in place of ours?",
        tables,
        _pictures(parts),
        verdicts=_in_short(facts, parts),
        headline={"Hand out": _VERDICTS[facts["verdict"]]},
        ground={
            "data": str(facts["data"]["fingerprint"]),
            "made by": str(facts["synthesizer"]),
            "reference models": str(facts["settings"]["num_references"]),
        },
    )


def _pictures(parts: Mapping[str, pd.DataFrame]) -> list[Picture]:
    """Return what an attacker finds beyond chance, and what forecasters lose."""
    attack, use = parts["attack"], parts["use"]
    beyond = 100 * attack[["value", "low", "high"]].sub(attack["floor"], axis=0)
    change = 100 * use[["change", "low", "high"]]
    said = ", ".join(
        f"{name} {end:+.1f}" for name, end in zip(use["arm"], change["change"], strict=True)
    )
    return [
        picture(
            plot_effects(list(attack["arm"]), beyond, name="found beyond chance, points"),
            f"The attacker finds {beyond['value'].iloc[0]:+.1f} points more than by chance.",
            "At 0 the attacker knows nothing. To the right the series give away what they were "
            "learnt from; a copy of the data is the worst case.",
        ),
        picture(
            plot_effects(
                [str(name).replace("_", " ") for name in use["arm"]],
                change,
                name="loss when trained on synthetic series, %",
            ),
            f"Change of loss in percent: {said}.",
            "At 0 synthetic series teach forecasters as much as real ones; to the right they lose.",
        ),
    ]


def _attack(rows: pd.DataFrame) -> Table:
    columns = ["Series of", "Found", "By chance"]
    cells = [
        [Cell(str(row["arm"])), _rate(row), Cell(f"{100 * row['floor']:g} %")]
        for row in rows.to_dict("records")
    ]
    return Table(str(rows["metric"].iloc[0]).capitalize(), columns, cells, _ATTACK)


def _rate(row: Any) -> Cell:
    reach = f"[{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    leaks = row["low"] > row["floor"] and row["arm"] == "generator"
    return Cell(f"{100 * row['value']:.1f} %", reach, "bad" if leaks else "")


def _use(rows: pd.DataFrame) -> Table:
    columns = ["Forecaster", "Trained on real", "Trained on synthetic", "Change"]
    cells = [
        [
            Cell(str(row["arm"]).replace("_", " ")),
            Cell(f"{row['floor']:.4f}"),
            Cell(f"{row['value']:.4f}"),
            Cell(
                f"{100 * row['change']:+.1f} %",
                f"[{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]",
            ),
        ]
        for row in rows.to_dict("records")
    ]
    return Table("Forecasters trained on synthetic series alone", columns, cells, _USE)


def _fidelity(rows: pd.DataFrame) -> Table:
    columns = ["Measure", "Against real", "Synthetic", "Real against real"]
    verdicts = zip(floor_verdicts(rows), floor_gaps(rows), floor_ratios(rows), strict=True)
    cells = [
        [
            Cell(measure_title(str(row["metric"])), BETTER[row["better"]]),
            verdict_cell(*verdict),
            Cell(f"{row['value']:.3g}", f"± {row['spread']:.2g}"),
            Cell(f"{row['floor']:.3g}", f"± {row['floor_spread']:.2g}"),
        ]
        for row, verdict in zip(rows.to_dict("records"), verdicts, strict=True)
    ]
    return Table("Are they any good?", columns, cells)


def _in_short(facts: Mapping[str, Any], parts: Mapping[str, pd.DataFrame]) -> list[Cell]:
    """Return the verdict, and what each part says of it."""
    verdict = _VERDICTS[facts["verdict"]]
    cells = [Cell(f"Hand them out: {verdict.text} ({verdict.detail}).", tone=verdict.tone)]
    use = parts["use"]
    worse = use[use["low"] > 0]["arm"]
    losing = ", ".join(str(name).replace("_", " ") for name in worse)
    said = f"{len(worse)} of {len(use)} forecasters are worse for certain when trained on them"
    cells.append(Cell(f"{said}{f': {losing}' if losing else ''}.", tone="bad" if losing else ""))
    if "fidelity" in parts:
        off = floor_verdicts(parts["fidelity"]).count("worse")
        said = f"{off} of {len(parts['fidelity'])} measures are worse than between real series."
        cells.append(Cell(said, tone="bad" if off else ""))
    return cells
