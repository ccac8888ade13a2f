"""What a bias report found, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.displays import in_points

from .split import PARTS

__all__ = ["bias_answer", "group_sentence"]


def bias_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return the group whose share taken is furthest from the others', and whose choice it is."""
    ratios = table[(table["metric"] == "DI") & table["value"].notna()]
    few = int(table["note"].eq("too few to say").sum())
    lacking = f" {few} numbers are too few to say." if few else ""
    if ratios.empty:
        return f"Too few users are listed to say anything of these groups. {facts['choice']}"
    row = ratios.iloc[int((ratios["value"] - 1).abs().argmax())]
    return f"{group_sentence(table, row)}{lacking} {facts['choice']}"


def group_sentence(table: pd.DataFrame, row: Any) -> str:
    """Return what a row of "DI" says, and where its gap comes from."""
    said = (
        f"Users of '{row['group']}' are taken at {row['value']:.2f} "
        f"[{row['low']:.2f}, {row['high']:.2f}] of the others' share"
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
