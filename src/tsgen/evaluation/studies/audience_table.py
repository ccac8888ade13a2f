"""The tables of an audience study: means over seeds and windows, paired bootstrap over users.

The users of a draw are the same in all arms; lists of users are selected anew among them, lists of
items stay as they are. Differences are to the arms that the study names in `against`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray
from tsgen.metrics import percentile_interval

__all__ = ["audience_page"]

_SHOWN = {
    "user_rec": "UserRec",
    "item_rec": "ItemRec",
    "user_rec_new": "UserRec, new pairs",
    "item_rec_new": "ItemRec, new pairs",
}
_OF_ITEMS = {
    "user_rec_precision_with_targets": "precision",
    "user_rec_recall_with_targets": "recall",
    "user_rec_hit_rate": "hit rate",
    "user_rec_ndcg": "nDCG",
    "user_rec_map": "MAP",
}
_OF_USERS = {name.replace("user_rec", "item_rec"): shown for name, shown in _OF_ITEMS.items()}
_OVER_FEWER = (
    "The same lists over those with something to find alone, as ranx and LensKit print them."
)
_FIELD = (
    (_OF_ITEMS, "Audiences, mean over the items that anybody turned to:"),
    (_OF_USERS, "Recommendations, mean over the users who turned to anything:"),
)


def audience_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of a study whose cells are done."""
    by_arm = _by_arm(study, cells)
    draws = {arm: _draws(mine) for arm, mine in by_arm.items()}
    windows = cells[0]["windows"]
    facts = "; ".join(
        ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in window["facts"].items())
        for window in windows
    )
    against = [arm for arm in study.get("against", ()) if arm in draws]
    lines = [
        f"# {name}",
        "",
        study["question"],
        "",
        f"Data: {study['data']}, {study['part']} part. {facts}.",
        "Precision at 1 % of the users (UserRec) and of the items (ItemRec) over all items and "
        "users, a hit counted once a pair; mean over windows and seeds, [2.5 %, 97.5 %] of a "
        "bootstrap over users: lists of users are selected anew among the drawn (for other "
        "customers like these), lists of items stay as they are. New pairs have lists of their "
        "own, selected without the pairs that were seen. Differences are paired.",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        *_head(["arm", *_SHOWN.values(), "CPU s"]),
    ]
    for arm, mine in by_arm.items():
        seconds = np.mean([cell["cpu_seconds"] for cell in mine])
        shown = " | ".join(_interval(draws[arm][name]) for name in _SHOWN)
        lines.append(f"| {arm} | {shown} | {seconds:.0f} |")
    for judged in study.get("judged", []):
        if judged not in draws:
            continue
        lines += ["", f"`{judged}` minus:", "", *_head(["", *_SHOWN.values()])]
        for arm in against:
            pairs = [(draws[judged][name], draws[arm][name]) for name in _SHOWN]
            shown = " | ".join(_interval(a - b, sign=True) for a, b in pairs)
            lines.append(f"| {arm} | {shown} |")
    lines += ["", _OVER_FEWER]
    for columns, words in _FIELD:
        lines += ["", words, "", *_head(["arm", *columns.values()])]
        lines += [
            f"| {arm} | {' | '.join(_interval(mine[name]) for name in columns)} |"
            for arm, mine in draws.items()
        ]
    return "\n".join(lines) + "\n"


def _head(columns: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"| {' | '.join(['---'] * len(columns))} |"]


def _by_arm(
    study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    by_arm = {arm: [cell for cell in cells if cell["arm"] == arm] for arm in study["arms"]}
    return {arm: mine for arm, mine in by_arm.items() if mine}


def _draws(cells: Sequence[Mapping[str, Any]]) -> dict[str, AnyArray]:
    """Return the value and the draws of each measure, shape (1 + draws,), or (1,) without draws."""
    names = (*_SHOWN, *_OF_ITEMS, *_OF_USERS)
    return {name: np.mean([_of_cell(cell, name) for cell in cells], axis=0) for name in names}


def _of_cell(cell: Mapping[str, Any], name: str) -> AnyArray:
    """Return the mean over windows: all users, then draws of them."""
    parts = [
        [window["measures"][name], *map(float, window["drawn"].get(name, "").split())]
        for window in cell["windows"]
    ]
    return np.asarray(np.mean(parts, axis=0))


def _interval(draws: AnyArray, sign: bool = False) -> str:
    form = "+.4f" if sign else ".4f"
    if len(draws) == 1:
        return f"{draws[0]:{form}}"
    low, high = percentile_interval(draws[1:])
    return f"{draws[0]:{form}} [{low:{form}}, {high:{form}}]"
