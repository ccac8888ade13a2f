"""How much each player moves what is explained: a table, whatever is explained."""

from __future__ import annotations

import pandas as pd

__all__ = ["importance_table"]


def importance_table(values: pd.DataFrame, *, protocol: str) -> pd.DataFrame:
    """Return two rows a player, "mean absolute" and "mean" of its values, with their spread.

    Args:
        values: One column a player, one row a user or a step.
        protocol: How the values were found.
    """
    rows = [
        {"metric": metric, "player": str(name), "value": float(numbers.mean()),
         "spread": float(column.std(ddof=0))}
        for name, column in values.items()
        for metric, numbers in (("mean absolute", column.abs()), ("mean", column))
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["metric", "player", "value", "spread"])
    return table.assign(better="higher", protocol=protocol, n=len(values), seed=0)
