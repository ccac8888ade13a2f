"""Worlds of known factors: who gives combinations that nobody saw, and whether forecasts gain."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.evaluation import StudyResult

from ..figures import plot_factor_scores, plot_lanes
from .base import Cell, Picture, Section, Table, picture

__all__ = ["factors_section"]

_SCORES = (
    "R² of the factors that an oracle reads off the windows against those asked for: 1 is "
    "perfect, 0 says nothing of them, and below 0 counts as 0 in means. “Truth” is the world "
    "itself, which checks the oracle. In brackets: of values that no training window had."
)
_FORECASTS = (
    "Change of the squared error of forecasts, on real windows of combinations held out, when the "
    "made windows are added to the training set; 95 % intervals over windows. Below 0 is better."
)


def factors_section(result: StudyResult) -> Section:
    """Return the tables and pictures of a study of factors."""
    table = result.table
    return Section(
        "Does it give combinations of factors that nobody saw?",
        [
            *(_scores(table, world) for world in table["world"].unique()),
            *(_by_factor(table, world) for world in table["world"].unique()),
            _forecasts(table),
        ],
        _pictures(result),
        headline=_headline(table),
        verdicts=_in_short(table),
        ground={"training windows": str(result.facts["num_training"]),
                "budget": str(result.facts["budget"])},
    )  # fmt: skip


def _means(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    return table[(table["factor"] == "mean") & (table["metric"] == metric)]


def _headline(table: pd.DataFrame) -> dict[str, Cell]:
    means = _means(table, "R2")
    means = means[means["maker"] != "truth"]
    best: dict[str, Cell] = {}
    for split in means["split"].unique():
        here = means[means["split"] == split].groupby("maker")["value"].mean()
        best[f"R², {split}"] = Cell(f"{here.max():.2f}", _words(str(here.idxmax())))
    return best


def _in_short(table: pd.DataFrame) -> list[Cell]:
    """Return who comes nearest to the factors asked for, by split, beside PSA-GAN."""
    means = _means(table, "R2")
    means = means[means["maker"] != "truth"]
    cells = []
    for split in means["split"].unique():
        by_maker = means[means["split"] == split].groupby("maker")["value"].mean()
        best, text = str(by_maker.idxmax()), f"{split}: nearest is"
        own = by_maker.get("psa-gan")
        beside = "" if own is None or best == "psa-gan" else f"; PSA-GAN has {own:.2f}"
        tone = "" if own is None else "bad" if beside else "good"
        cells.append(Cell(f"{text} {_words(best)} (R² {by_maker.max():.2f}{beside}).", tone=tone))
    return cells


def _scores(table: pd.DataFrame, world: str) -> Table:
    means, new = _means(table, "R2"), _means(table, "R2 of values never seen")
    splits = list(table["split"].unique())
    rows = []
    for maker in table["maker"].unique():
        cells = [Cell(_words(maker))]
        for split in splits:
            where = {"world": world, "maker": maker, "split": split}
            beside = _value(new, where)
            detail = "" if beside is None else f"[new values {beside:.2f}]"
            cells.append(Cell(f"{_value(means, where) or 0.0:.2f}", detail))
        rows.append(cells)
    return Table(f"{world}: R², mean of the factors", ["", *splits], rows, _SCORES)


def _by_factor(table: pd.DataFrame, world: str) -> Table:
    rows = table[(table["metric"] == "R2") & (table["world"] == world)]
    rows = rows[rows["factor"] != "mean"]
    names = list(rows["factor"].unique())
    shown = [
        [Cell(f"{_words(str(maker))}, {split}"), *(Cell(f"{group[name]:.2f}") for name in names)]
        for (split, maker), group in (
            (key, part.set_index("factor")["value"])
            for key, part in rows.groupby(["split", "maker"], sort=False)
        )
    ]
    return Table(f"{world}: R², factor by factor", ["", *map(_words, names)], shown)


def _forecasts(table: pd.DataFrame) -> Table:
    rows = table[table["factor"] == "forecast"]
    splits = list(rows["split"].unique())
    shown = []
    for (world, maker), part in rows.groupby(["world", "maker"], sort=False):
        by_split = part.set_index("split")
        cells = [_change(by_split.loc[split]) for split in splits]
        shown.append([Cell(f"{world}, {_words(str(maker))}"), *cells])
    return Table("Forecasts of combinations nobody saw", ["", *splits], shown, _FORECASTS)


def _change(row: Any) -> Cell:
    tone = "good" if row["high"] < 0 else "bad" if row["low"] > 0 else ""
    ends = f"[{100 * row['low']:+.0f}, {100 * row['high']:+.0f}]"
    return Cell(f"{100 * row['value']:+.0f} %", ends, tone)


def _value(rows: pd.DataFrame, where: dict[str, str]) -> float | None:
    for name, wanted in where.items():
        rows = rows[rows[name] == wanted]
    return None if rows.empty else float(rows["value"].iloc[0])


def _pictures(result: StudyResult) -> list[Picture]:
    """Return the scores of all makers, and windows asked of the hardest split."""
    means = _means(result.table, "R2")
    splits, makers = list(means["split"].unique()), list(means["maker"].unique())
    scores = means.pivot_table(index="maker", columns="split", values="value").loc[makers, splits]
    drawn = plot_factor_scores(splits, {_words(m): scores.loc[m].to_numpy() for m in makers})
    texts = "; ".join(f"{_words(m)} {scores.loc[m].mean():.2f}" for m in makers)
    pictures = [picture(drawn, f"R² by split, mean of all splits: {texts}.", "Higher is better.")]
    for world in result.table["world"].unique():
        key = f"{world}.{splits[-1]}."
        windows = {_words(m): result.arrays[key + m] for m in makers if key + m in result.arrays}
        if windows:
            asked = f"the same combinations, held out ({splits[-1]}), asked of each maker"
            alt, caption = f"Windows of {world}, {splits[-1]}.", f"{world}: {asked}."
            pictures.append(picture(plot_lanes(windows), alt, caption, wide=True))
    return pictures


def _words(name: str) -> str:
    return {"psa-gan": "PSA-GAN", "vae": "VAE"}.get(name, name.replace("-", " ").replace("_", " "))
