"""What a bias report found, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.displays import in_points, percent

from .split import PARTS

__all__ = ["bias_answer", "group_sentence"]

_SHOWN = 4


def bias_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return the group whose share taken is furthest from the others', and whose choice it is."""
    ratios = table[(table["metric"] == "DI") & table["value"].notna()]
    few = int(table["note"].eq("too few to say").sum())
    lacking = f" {few} numbers are too few to say." if few else ""
    if ratios.empty:
        return f"Too few users are listed to say anything of these groups. {facts['choice']}"
    row = ratios.iloc[int((ratios["value"] - 1).abs().argmax())]
    shares = _shares(row, facts.get("groups", []))
    return f"{group_sentence(table, row)}{shares}{lacking} {facts['choice']}"


def _shares(row: Any, groups: list[dict[str, Any]]) -> str:
    """Return how many of each group of a facet are taken."""
    mine = [group for group in groups if group["facet"] == row["facet"]]
    counts = ", ".join(
        f"{percent(group['share_taken'], 1)} of {group['users']:,} '{group['group']}'"
        for group in mine[:_SHOWN]
    )
    more = f" and {len(mine) - _SHOWN} more groups" if len(mine) > _SHOWN else ""
    return f" Taken are {counts}{more}." if mine else ""


def group_sentence(table: pd.DataFrame, row: Any) -> str:
    """Return what a row of "DI" says, and where its gap comes from."""
    certain = "" if row["low"] > 1 or row["high"] < 1 else ", which may be by chance"
    said = (
        f"Users of '{row['group']}' are taken {row['value']:.2f} [{row['low']:.2f}, "
        f"{row['high']:.2f}] times as often as the others{certain}"
    )
    mine = table[(table["facet"] == row["facet"]) & (table["group"] == row["group"])]
    gaps = mine.set_index("metric")["value"]
    names = [f"DPPL from {part}" for part in PARTS]
    if not set(names) <= set(gaps.index):
        return f"{said}."
    parts = ", ".join(
        f"{in_points(gaps[name], '')} by {part}" for name, part in zip(names, PARTS, strict=True)
    )
    return f"{said}: of the gap of {in_points(gaps['DPPL'])}, {parts}."
