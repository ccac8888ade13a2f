"""The one sentence that a study of factors comes down to."""

from __future__ import annotations

import pandas as pd

__all__ = ["factor_answer"]


def factor_answer(table: pd.DataFrame) -> str:
    """Return what the table of a study says of PSA-GAN, or of its first maker, by split."""
    makers = [name for name in table["maker"].unique() if name != "truth"]
    if not makers:
        return f"The oracle reads the truth with R² {_least_truth(table):.3f} or more."
    maker = "psa-gan" if "psa-gan" in makers else makers[0]
    means = table[(table["factor"] == "mean") & (table["metric"] == "R2")]
    parts = []
    for split in table["split"].unique():
        here = means[means["split"] == split].groupby("maker")["value"].mean()
        peers = here.drop(labels=[maker, "truth"], errors="ignore")
        beside = f" (best peer {peers.idxmax()} {peers.max():.2f})" if len(peers) else ""
        parts.append(f"{split} {here[maker]:.2f}{beside}")
    text = f"Asked for combinations nobody saw, {maker} gives their factors with R²: "
    return text + "; ".join(parts) + ". " + _forecasts(table, maker)


def _forecasts(table: pd.DataFrame, maker: str) -> str:
    """Say in how many worlds and splits forecasts of unseen combinations became better."""
    rows = table[(table["factor"] == "forecast") & (table["maker"] == maker)]
    better, worse = int((rows["high"] < 0).sum()), int((rows["low"] > 0).sum())
    return (
        f"A forecaster trained with its windows, too, is better on unseen combinations in {better} "
        f"of {len(rows)} worlds and splits, and worse in {worse} (95 % intervals)."
    )


def _least_truth(table: pd.DataFrame) -> float:
    means = table[(table["factor"] == "mean") & (table["metric"] == "R2")]
    return float(means["value"].min())
