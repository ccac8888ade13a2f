"""A study of forecasters: what each way of training is worth, with forecasts to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.evaluation import StudyResult

from ..figures import plot_differences, plot_forecast
from .base import Cell, Picture, Section, Table, picture
from .drill_down import forecast_series_picture, forecast_series_table

__all__ = ["forecast_section"]

_METRICS = {
    "mean_weighted_quantile_loss": "Mean weighted quantile loss",
    "mase": "MASE",
    "nrmse": "NRMSE",
}
_LOSS = "mean_weighted_quantile_loss"


def forecast_section(result: StudyResult) -> Section:
    """Return the tables and pictures of a study of forecasters."""
    settings = result.facts["settings"]
    primary = result.table[result.table["role"] == "primary"]
    tables = [_comparisons("The comparison that the study was made for", primary)]
    exploratory = result.table[result.table["reference"] == _reference(result)]
    places = {arm: place for place, arm in enumerate(settings["arms"])}  # as in the study
    exploratory = exploratory.sort_values("arm", key=lambda arms: arms.map(places), kind="stable")
    groups = exploratory.groupby(["regime", "forecaster"], sort=False)
    tables += [_arms(f"{forecaster}, {regime}", rows) for (regime, forecaster), rows in groups]
    tables += forecast_series_table(result)
    tables += [_power(result.facts.get("power", []))]
    tables += _failures(result.facts["failures"])
    return Section(
        result.facts["question"] or "Do more series, real or made, help the forecaster?",
        [table for table in tables if table.rows],
        _pictures(result),
        headline=_headline(primary),
        verdicts=[_in_short(row) for row in primary.to_dict("records")],
        ground={
            "data": str(result.facts["data"].get("fingerprint", settings["data"])),
            "protocol": str(result.table["protocol"].iloc[0]),
            "steps forecast": str(settings["prediction_length"]),
            "windows a series": str(settings["num_windows"]),
            "seeds": ", ".join(map(str, settings["seeds"])),
        },
    )


def _power(rows: list[dict[str, Any]]) -> Table:
    """Return where the noise comes from, and what a wished interval takes."""
    columns = ["Arm", "Series", "Generator", "Seed", "Rest", "Draws x generators x seeds"]
    parts = ("series", "generator", "seed", "rest")
    cells = [
        [
            Cell(str(row["arm"]), f"{row['forecaster']}, {row['regime']}"),
            *(_noise(row.get(name)) for name in parts),
            _needs(row),
        ]
        for row in rows
    ]
    note = (
        "Standard deviations of the change of the loss, by what they come from, and the cheapest "
        "runs that give the wished 95 % interval; a dash was not measured."
    )
    return Table("Where the noise comes from", columns, cells, note)


def _noise(value: float | None) -> Cell:
    return Cell("–" if value is None or np.isnan(value) else f"{100 * value:.1f} %")


def _needs(row: dict[str, Any]) -> Cell:
    needs, wished = row["needs"], f"for ± {100 * row['wished']:g} %"
    if needs is None:
        return Cell("more than 200 draws" if row["runs"] > 1 else "–", wished)
    counts = f"{needs['draws']} x {needs['generators']} x {needs['seeds']}"
    return Cell(counts, f"{wished}, {needs['cpu_seconds']:,.0f} CPU s")


def _reference(result: StudyResult) -> str:
    """Return the arm that all others are held against."""
    own = result.table[result.table["arm"] == result.table["reference"]]
    return str((own if len(own) else result.table)["reference"].iloc[0])


def _headline(primary: pd.DataFrame) -> dict[str, Cell]:
    return {f"Gain over {row['reference']}": _relative(row) for row in primary.to_dict("records")}


def _in_short(row: Any) -> Cell:
    """Return one comparison in words."""
    gap, verdict = _relative(row), _verdict(row)
    text = f"{_plain(row['arm'])} beside {_plain(row['reference'])}: {verdict.text.lstrip('✓✗ ')}, "
    return Cell(f"{text}the error changes by {gap.text} {gap.detail}".rstrip(), tone=verdict.tone)


def _comparisons(heading: str, rows: pd.DataFrame) -> Table:
    """Return one arm against each other arm."""
    columns = ["", "Verdict", "Against", "Loss", "Loss of the other", "Difference", "Over series"]
    shown = [
        [
            Cell(_plain(row["arm"]), f"{row['forecaster']}, {row['regime']}"),
            _verdict(row),
            Cell(_plain(row["reference"])),
            _loss(row["value"], row["spread"]),
            _loss(row["floor"], row["floor_spread"]),
            _relative(row),
            _relative(row, "_series"),
        ]
        for row in rows.to_dict("records")
    ]
    return Table(heading, columns, shown, f"Loss: {_plain(_LOSS)}, lower is better. {_NOTE}")


_NOTE = (
    "± is the standard deviation over seeds; brackets are 95 % intervals of the difference on the "
    "same windows with the same seeds, over seeds, and over series where it says so. Those over "
    "series hold the trainings fixed: what another seed would give, they cannot say."
)


def _arms(heading: str, rows: pd.DataFrame) -> Table:
    """Return all arms, one a row, all metrics."""
    columns = ["Trained on", "Seeds"]
    for label in _METRICS.values():
        columns += [label, "Difference"]
    shown = []
    for arm in rows["arm"].unique():
        mine = rows[rows["arm"] == arm].set_index("metric")
        line = [Cell(_plain(arm)), Cell(str(mine["num_seeds"].iloc[0]))]
        for metric in _METRICS:
            row: Any = mine.loc[metric].to_dict()
            line += [_loss(row["value"]), _relative(row)]
        shown.append(line)
    return Table(f"Exploratory: {heading}", columns, shown, f"Lower is better. {_NOTE}")


def _failures(failures: list[dict[str, Any]]) -> list[Table]:
    columns = ["Forecaster", "Arm", "Regime", "Seed", "Reason"]
    names = ("forecaster", "arm", "regime", "seed", "failed")
    rows = [[Cell(str(failure[name])) for name in names] for failure in failures]
    return [Table("Cells that failed", columns, rows)]


def _loss(value: float, spread: float = np.nan) -> Cell:
    """Return a mean over seeds, a dash where no seed was finished."""
    if np.isnan(value):
        return Cell("–")
    return Cell(f"{value:.4g}", "" if np.isnan(spread) else f"± {spread:.2g}")


def _relative(row: Any, over: str = "") -> Cell:
    """Return a difference in per cent of what it is held against."""
    if row["arm"] == row["reference"] or not row["num_seeds"]:
        return Cell("–")
    scale = 100 / row["floor"]
    low, high = (scale * row[f"difference_{end}{over}"] for end in ("low", "high"))
    detail = "" if np.isnan(low) else f"[{low:+.1f}, {high:+.1f}]"
    return Cell(f"{scale * row['difference']:+.1f} %", detail)


def _verdict(row: Any) -> Cell:
    if not row["num_seeds"]:
        return Cell("nothing to compare")
    if row["difference_high"] < 0:
        return Cell("✓ better", tone="good")
    if row["difference_low"] > 0:
        return Cell("✗ worse", tone="bad")
    return Cell("no clear difference")


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")


def _pictures(result: StudyResult) -> list[Picture]:
    return [
        *_difference_picture(result),
        *_forecast_pictures(result),
        *forecast_series_picture(result),
    ]


def _difference_picture(result: StudyResult) -> list[Picture]:
    """Draw the arms of the first regime and forecaster against the reference."""
    rows = result.table[(result.table["metric"] == _LOSS) & (result.table["num_seeds"] > 1)]
    rows = rows[(rows["reference"] == _reference(result)) & (rows["arm"] != rows["reference"])]
    if rows.empty:
        return []
    first = rows.iloc[0]
    rows = rows[(rows["regime"] == first["regime"]) & (rows["forecaster"] == first["forecaster"])]
    columns = ("difference", "difference_low", "difference_high")
    ends = [(100 * rows[name] / rows["floor"]).to_numpy(np.float64) for name in columns]
    names = [_plain(arm) for arm in rows["arm"]]
    differences = ", ".join(f"{n} {d:+.1f} %" for n, d in zip(names, ends[0], strict=True))
    return [
        picture(
            plot_differences(names, *ends),
            f"Differences of the loss to {first['reference']}: {differences}.",
            f"{first['forecaster']}, {first['regime']}: an interval that touches 0 shows nothing.",
            wide=True,
        )
    ]


def _forecast_pictures(result: StudyResult) -> list[Picture]:
    """Draw a few windows: the forecasts of the reference and of the primary (or last) arm."""
    arrays = result.arrays
    if "truth" not in arrays:
        return []
    bands = {name: name.split(".")[-1] for name in arrays if name.startswith("bands.")}
    end = result.facts["settings"]["primary"] or {}
    mine = f"bands.{end.get('forecaster')}.{end.get('arm')}"
    mine = mine if mine in bands else list(bands)[-1]
    forecaster = mine.split(".")[1]
    base = f"bands.{forecaster}.{_reference(result)}"
    shown = [name for name in dict.fromkeys((base, mine)) if name in bands]
    return [
        picture(
            plot_forecast(
                arrays["past"][i], arrays["truth"][i], {bands[n]: arrays[n][i] for n in shown}
            ),
            f"Series {item}: known values, what came, and forecasts with bands.",
            f"Series {item}, last window, first seed; bands hold 80 % of the forecast. The windows "
            "are the first of the study, not chosen.",
        )
        for i, item in enumerate(arrays["items"])
    ]
