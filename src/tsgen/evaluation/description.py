"""What data are, before anything is learnt from them: a result with histograms and warnings.

Nothing is fitted: counts, gaps, repeats, and a few series or items to look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.data import Interactions, MultivariateDataset, SeriesDataset
from tsgen.displays import percent
from tsgen.results import StudyResult, library_versions

from .histograms import event_histograms, histogram_arrays

__all__ = ["describe_data"]

_SHOWN, _STEPS = 20, 120
_SPARSE = 0.5
_DAY = 86_400_000_000
"""Microseconds."""


def describe_data(
    data: SeriesDataset | MultivariateDataset | Interactions, *, command: str | None = None
) -> StudyResult:
    """Say what data are: counts, histograms, what to look at first, and some of them.

    `tsgen.report.write_page` makes one page of it. No id of a user is kept.

    Args:
        data: Series, channels of them, or an event log.
        command: The command line that asks.

    Returns:
        A table of counts and shares (0 to 1), lengths in steps or days; histograms; in the facts up
        to 20 series, evenly from the lowest mean to the highest, or the 20 most frequent items, and
        `warnings`, what to look at first.

    Example:
        >>> from tsgen.data import simulate_series
        >>> describe_data(simulate_series(3, 50, seed=1)).value("series")
        3.0
    """
    events = isinstance(data, Interactions)
    parts = _of_events(data) if isinstance(data, Interactions) else _of_series(data)
    table, facts, arrays = parts
    facts |= {"study": "data", "versions": library_versions()}
    if command is not None:
        facts["command"] = command
    columns = {"spread": np.nan, "better": "none", "protocol": "description", "seed": 0}
    rows = [{"metric": name, "value": float(value), **columns} for name, value in table.items()]
    frame = pd.DataFrame(rows).assign(n=len(data))
    return StudyResult(frame, _answer(table, facts, events=events), facts, arrays)


Parts = tuple[dict[str, float], dict[str, Any], dict[str, AnyArray]]


def _of_series(data: SeriesDataset | MultivariateDataset) -> Parts:
    facts = data.facts()
    channels = data.channels if isinstance(data, MultivariateDataset) else ()
    whole = data.series if isinstance(data, MultivariateDataset) else data
    each = [_facts_of(whole.series(i)) for i in range(len(whole))]
    frame = pd.DataFrame(each, columns=["missing", "gap", "zeros", "low", "high", "mean"])
    frame["item"], frame["steps"] = [str(one) for one in whole.item_ids], whole.lengths
    notes = [*facts.pop("warnings", ()), *_remarks(whole, frame)]
    table = {
        **({"channels": len(channels), "entries": len(data)} if channels else {}),
        **({} if channels else {"series": len(whole)}),
        "values": whole.values.size,
        "shortest (steps)": int(whole.lengths.min()),
        "longest (steps)": int(whole.lengths.max()),
        "missing": float(np.isnan(whole.values).mean()),
        "longest gap (steps)": float(frame["gap"].max()),
        "zeros": float((whole.values == 0).sum() / max(np.isfinite(whole.values).sum(), 1)),
    }
    arrays = histogram_arrays("value", {"real": whole.values})
    if table["shortest (steps)"] < table["longest (steps)"]:
        arrays |= histogram_arrays("steps a series", {"real": whole.lengths})
    if table["missing"] > 0:
        arrays |= histogram_arrays("% missing of a series", {"real": 100 * frame["missing"]})
    order = np.argsort(frame["mean"].to_numpy(), kind="stable")
    rows = order[np.linspace(0, len(order) - 1, min(_SHOWN, len(order))).round().astype(int)]
    arrays["shown"] = np.stack([_few(whole.series(int(i))) for i in rows])
    shown = frame.iloc[rows].astype(object).where(frame.iloc[rows].notna(), None)
    facts = {"data": facts, "shown": shown.to_dict("records"), "num_described": len(whole)}
    return table, facts | ({"warnings": notes} if notes else {}), arrays


def _facts_of(values: Array) -> tuple[float, ...]:
    """Return missing share, longest gap, share of zeros, and least, greatest and mean value."""
    missing = np.isnan(values)
    observed = values[~missing]
    if not len(observed):
        return 1.0, float(len(values)), np.nan, np.nan, np.nan, np.nan
    ends = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(int)))
    gap = (ends[1::2] - ends[::2]).max(initial=0)
    least, most, mean = observed.min(), observed.max(), observed.mean()
    return missing.mean(), float(gap), (observed == 0).mean(), least, most, mean


def _remarks(whole: SeriesDataset, frame: pd.DataFrame) -> list[str]:
    """Return what to look at before anything is learnt from series."""
    kinds: dict[str, Any] = {
        "have one value only: nothing can be learnt from them": frame["low"] == frame["high"],
        "lack more than half of their values": frame["missing"] > _SPARSE,
        "have the values of an earlier series": _repeated(whole),
    }
    return [_remark(list(frame["item"]), which, f"series {what}") for what, which in kinds.items()
            if which.any()]  # fmt: skip


def _repeated(whole: SeriesDataset) -> Mask:
    keys = [whole.series(i).tobytes() for i in range(len(whole))]
    return np.asarray(pd.Series(keys).duplicated(), bool)


def _remark(names: Sequence[str], which: Any, what: str) -> str:
    places = np.flatnonzero(which)
    return f"{len(places):,} of {len(names):,} {what}; the first is {names[places[0]]!r}."


def _few(values: Array) -> Array:
    """Return a series at `_STEPS` steps or fewer, each the mean of what it stands for."""
    count = min(len(values), _STEPS)
    means = [part[np.isfinite(part)] for part in np.array_split(values, count)]
    line = np.array([part.mean() if len(part) else np.nan for part in means])
    return np.asarray(np.interp(np.linspace(0, count - 1, _STEPS), np.arange(count), line))


def _of_events(log: Interactions) -> Parts:
    facts = log.facts()
    facts.pop("read_options")
    notes = list(facts.pop("warnings", ()))
    events = np.bincount(log.item, minlength=log.num_items)
    users = np.diff(log.pair_counts().tocsc().indptr)
    days = (log.time - log.time.min()) / _DAY
    single = float((log.lengths == 1).mean())
    top = np.sort(events)[::-1]
    table = {
        "events": len(log),
        "users": log.num_users,
        "items": log.num_items,
        "days": float(days.max()),
        "repeats": facts["repeat_share"],
        "users with one event": single,
        "events of the 1 % most frequent items": float(
            top[: max(log.num_items // 100, 1)].sum() / len(log)
        ),
    }
    if single > _SPARSE:
        notes.append(
            f"{percent(single)} of the users have one event only: what they do next is known from "
            "others alone."
        )
    arrays = histogram_arrays("days since the first event", {"events": days})
    arrays |= event_histograms(log)
    if log.value is not None:
        arrays |= histogram_arrays("value", {"events": log.value})
    names, rows = log.items.ids, np.argsort(-events, kind="stable")[:_SHOWN]
    shown = [
        {"item": str(names[i]), "events": int(events[i]), "users": int(users[i])} for i in rows
    ]
    kept = {"data": facts, "shown": shown, "num_described": log.num_items}
    return table, kept | ({"warnings": notes} if notes else {}), arrays


def _answer(table: Mapping[str, float], facts: Mapping[str, Any], *, events: bool) -> str:
    data = facts["data"]
    span = f"{data['first'][:10]} to {data['last'][:10]}"
    notes = len(facts.get("warnings", ()))
    look = f"{notes} thing{'s' * (notes != 1)} to look at" if notes else "nothing to warn of"
    if events:
        return (
            f"{table['events']:,.0f} events of {table['users']:,.0f} users and "
            f"{table['items']:,.0f} items, {span}; {percent(table['repeats'])} repeat an "
            f"earlier pair; {look}."
        )
    lengths = sorted({int(table["shortest (steps)"]), int(table["longest (steps)"])})
    steps = " to ".join(f"{n:,}" for n in lengths)
    count = facts["num_described"]
    missing = f"{percent(table['missing'], 1)} missing" if table["missing"] else "nothing missing"
    return f"{count:,} series of {steps} steps (freq {data['freq']}), {span}; {missing}; {look}."
