"""The table of an audience study: means over seeds and windows, paired bootstrap over users.

Hits of a user are drawn together, in all windows and for all arms alike; the number selected is
fixed. Differences are to the arms that the study names in `against`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray
from tsgen.metrics import percentile_interval, resample_counts

__all__ = ["audience_page"]

_DRAWS = 1000
_SHOWN = ("user_rec", "item_rec", "user_rec_new", "item_rec_new")


def audience_page(study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the page of a study whose cells are done."""
    draws = {arm: _draws(mine) for arm, mine in _by_arm(study, cells).items()}
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
        "Precision at 1 % of the users (UserRec) and of the items (ItemRec), a hit counted once a "
        "pair; mean over windows and seeds, [2.5 %, 97.5 %] of a bootstrap over users. New pairs "
        "have lists of their own, selected without the pairs that were seen. Differences are "
        "paired.",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        "| arm | UserRec | ItemRec | UserRec, new pairs | ItemRec, new pairs | CPU s |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for arm, mine in _by_arm(study, cells).items():
        seconds = np.mean([cell["cpu_seconds"] for cell in mine])
        shown = " | ".join(_interval(draws[arm][name]) for name in _SHOWN)
        lines.append(f"| {arm} | {shown} | {seconds:.0f} |")
    for judged in study.get("judged", []):
        if judged not in draws:
            continue
        lines += ["", f"`{judged}` minus:", ""]
        lines += ["| | UserRec | ItemRec | UserRec, new pairs | ItemRec, new pairs |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        for arm in against:
            pairs = [(draws[judged][name], draws[arm][name]) for name in _SHOWN]
            shown = " | ".join(_interval(a - b, sign=True) for a, b in pairs)
            lines.append(f"| {arm} | {shown} |")
    return "\n".join(lines) + "\n"


def _by_arm(
    study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    by_arm = {arm: [cell for cell in cells if cell["arm"] == arm] for arm in study["arms"]}
    return {arm: mine for arm, mine in by_arm.items() if mine}


def _draws(cells: Sequence[Mapping[str, Any]]) -> dict[str, AnyArray]:
    """Return the value and the draws of each measure, shape (1 + draws,)."""
    return {name: np.mean([_of_cell(cell, name) for cell in cells], axis=0) for name in _SHOWN}


def _of_cell(cell: Mapping[str, Any], name: str) -> AnyArray:
    """Return the mean over windows: all users, then draws of them."""
    parts = []
    for place, window in enumerate(cell["windows"]):
        hits = np.zeros(window["facts"]["users"])
        for entry in window["hits"][name].split():
            user, count = entry.split(":")
            hits[int(user)] = int(count)
        draw = np.random.default_rng(place)  # the same draws for every arm
        with_hits = np.flatnonzero(hits)
        times = resample_counts(draw, len(hits), _DRAWS).astype(np.float32)[:, with_hits]
        sums = np.concatenate([[hits.sum()], times @ hits[with_hits]])
        parts.append(sums / window["selected"][name])
    return np.asarray(np.mean(parts, axis=0))


def _interval(draws: AnyArray, sign: bool = False) -> str:
    low, high = percentile_interval(draws[1:])
    form = "+.4f" if sign else ".4f"
    return f"{draws[0]:{form}} [{low:{form}}, {high:{form}}]"
