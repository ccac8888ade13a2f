"""First weeks of new items: demand drawn by PSA-GAN from similar items.

Items first sold before `since` may be older than the log and are no launches. The study names the
`attributes` by which items are alike, columns of the table NAME.items.parquet. Without that, as on
Online Retail, whose items have a description only, they are derived: `kind`, the most frequent of
the words of the description (counted among older items), and `band`, the quarter of the price of
its first sale. Forecasts of the weekly lines of its first 8 weeks are draws; they differ in the
donors (earlier launches, all or those alike in their attributes) and in what is drawn: the donor's
own first weeks, or a PSA-GAN's series at the donor's scale. `parts` of the study gives, for each
part, when launches begin to count as new and when they end.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from tsgen.arrays import AnyArray
from tsgen.contracts import synthesizer_factory
from tsgen.data import Interactions, SeriesDataset
from tsgen.errors import DataError
from tsgen.metrics import percentile_interval
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions

from ..settings import ArmSettings, StudySettings
from ..sources import StudySources

__all__ = ["NewItemsArm", "NewItemsStudy", "new_items"]

_WEEKS, _DRAWS, _FEWEST = 8, 100, 10
_SINCE = "2011-01-10"
_LEVELS = np.arange(1, 10) / 10


class NewItemsStudy(StudySettings):
    """A study of the first weeks of new items."""

    part: str
    """What is scored; a key of `parts`."""
    parts: dict[str, Annotated[list[str], Field(min_length=2, max_length=2)]]
    """Name -> when launches begin to count as new, and when they end."""
    since: str = _SINCE
    """Items first sold before this day are no launches."""
    attributes: Annotated[list[str], Field(min_length=1)] | None = None
    """Columns of the table of items; by default two are derived from its descriptions."""


class NewItemsArm(ArmSettings):
    """Whose weeks are drawn, and by what."""

    donors: Literal["all", "similar"]
    """Earlier launches: all, or those alike."""
    settings: dict[str, Any] | None = None
    """Those of a PSA-GAN trained on the launches; without them, their own weeks are drawn."""
    half: bool = False
    """Whether every other draw is a donor's own weeks all the same."""


def _read(study: Mapping[str, Any], sources: StudySources, at: str) -> tuple[Interactions, Any]:
    """Return the purchases with attributes of each item, and when each is first sold."""
    events = sources.events(study["data"])
    events = events[events["value"] > 0].sort_values("timestamp", kind="stable")
    items = sources.items(study["data"])
    if "attributes" not in study:
        events = events[events["item_id"].str[0].str.isdigit()]  # others are fees and postage
    events["timestamp"] = pd.to_datetime(events["timestamp"], unit="s")
    sales = events.groupby("item_id").first()
    begins = sales["timestamp"]
    if "attributes" in study:
        table = _named(items, study["attributes"])
    else:
        table = _derived(sales, items, begins.index[begins < at])
    table = table.reindex(begins.index).reset_index()
    columns = ["user_id", "item_id", "timestamp"]
    log = Interactions.from_frame(events[columns], items=table, on_duplicate="keep")
    return log, begins


def _named(items: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    if lacking := [name for name in names if name not in items]:
        raise DataError(
            f"The table of items has no column {', '.join(lacking)}; it has "
            f"{', '.join(map(str, items.columns))}."
        )
    return items[names]


def _derived(sales: pd.DataFrame, items: pd.DataFrame, old: pd.Index[Any]) -> pd.DataFrame:
    """Return kind and band of the items, by what was sold before."""
    words = items["description"].fillna("").map(lambda text: set(re.findall("[A-Z]{3,}", text)))
    counts = Counter(word for item in old for word in words[item])
    common = {word for word, _ in counts.most_common(40)}
    kind = words.map(lambda own: max(own & common, key=counts.__getitem__, default="other"))
    price = sales["value"] / sales["quantity"]
    edges = price[old].quantile([0.25, 0.5, 0.75]).to_numpy()
    band = "q" + (1 + pd.Series(np.searchsorted(edges, price), price.index)).astype(str)
    return pd.DataFrame({"kind": kind.reindex(band.index), "band": band})


def _donors_of(launches: SeriesDataset, codes: AnyArray) -> AnyArray:
    """Return the launches alike in all attributes, or in one of them where those are few."""
    same = launches.static_cat == codes
    for alike in (same.all(axis=1), *same.T):
        if alike.sum() >= _FEWEST:
            return np.flatnonzero(alike)
    return np.arange(len(launches))


def _loss(draws: AnyArray, truth: AnyArray) -> AnyArray:
    """Return each item's quantile loss, summed over weeks and meant over levels, (items,)."""
    quantiles = np.quantile(draws, _LEVELS, axis=1, method="inverted_cdf")
    gap = truth - quantiles
    level = _LEVELS[:, None, None]
    return np.asarray(2 * np.maximum(level * gap, (level - 1) * gap).mean(axis=0).sum(axis=1))


def _judge(draws: AnyArray, truth: AnyArray) -> dict[str, dict[str, float]]:
    total = draws.sum(axis=2, keepdims=True), truth.sum(axis=1, keepdims=True)
    values = {
        "mean_wql": _loss(draws, truth).sum() / truth.sum(),
        "mean_wql_of_total": _loss(*total).sum() / truth.sum(),
        "expected_over_happened": draws.mean(axis=1).sum() / truth.sum(),
    }
    return {name: {"value": round(float(value), 4)} for name, value in values.items()}


def _paired(draws: AnyArray, other: AnyArray, truth: AnyArray) -> dict[str, dict[str, float]]:
    """Return the difference in mean_wql to the similar items' own weeks; 95 % over items."""
    gaps, sums = _loss(draws, truth) - _loss(other, truth), truth.sum(axis=1)
    chosen = numpy_stream(0, "items").integers(0, len(truth), (2000, len(truth)))
    low, high = percentile_interval(gaps[chosen].sum(axis=1) / sums[chosen].sum(axis=1))
    value = gaps.sum() / sums.sum()
    ends = {"value": value, "low": low, "high": high}
    return {"against_similar": {name: round(float(end), 4) for name, end in ends.items()}}


def new_items(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Forecast the first weeks of new items by the arm's donors and draws.

    The arm has `donors` ("all" or "similar") and, for a PSA-GAN, its `settings`; with `half = true`
    every other draw is a donor's own weeks.
    """
    at, last = study["parts"][study["part"]]
    log, begins = _read(study, sources, at)
    series = log.demand_dataset("W-SUN", start="first", until=at)
    ids = np.array(series.item_ids)
    launches = series.subset(
        (begins[ids] >= study.get("since", _SINCE)).to_numpy() & (series.lengths >= _WEEKS)
    )
    fresh = begins.index[(begins >= at) & (begins < last)]
    until = pd.Timestamp(last) + pd.Timedelta(days=7 * _WEEKS)
    after = log.demand_dataset("W-SUN", start="first", until=until)
    new = after.subset([after.item_ids.index(item) for item in fresh])
    truth = np.stack([new.series(i)[:_WEEKS] for i in range(len(new))])
    codes = np.stack([_recode(new, launches, k) for k in range(new.static_cat.shape[1])], axis=1)
    donors = _draw_donors(launches, codes, seed)
    first_weeks = np.stack([launches.series(i)[:_WEEKS] for i in range(len(launches))])
    own = {name: first_weeks[chosen] for name, chosen in donors.items()}
    draws, begin = own[arm["donors"]], time.process_time()
    if "settings" in arm:
        chosen = donors[arm["donors"]]
        draws = _drawn(launches, new, codes, chosen, arm["settings"], seed)
        if arm.get("half"):
            draws[:, 1::2] = own[arm["donors"]][:, 1::2]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "items": len(new),
        "donors": len(launches),
        "measures": _judge(draws, truth) | _paired(draws, own["similar"], truth),
    }


def _draw_donors(launches: SeriesDataset, codes: AnyArray, seed: int) -> dict[str, AnyArray]:
    random = numpy_stream(seed, "donors")
    shape = (len(codes), _DRAWS)
    return {
        "all": random.integers(0, len(launches), shape),
        "similar": np.stack([random.choice(_donors_of(launches, c), _DRAWS) for c in codes]),
    }


def _drawn(
    launches: SeriesDataset,
    new: SeriesDataset,
    codes: AnyArray,
    chosen: AnyArray,
    settings: Mapping[str, Any],
    seed: int,
) -> AnyArray:
    """Return draws (items, draws, weeks) of a PSA-GAN trained on the launches."""
    estimator = synthesizer_factory("psa-gan")(target_length=_WEEKS, **settings)
    model: Any = estimator.train(launches, options=TrainingOptions(seed=seed))
    like = _as_launched(launches, new, codes, chosen)
    held = ["non-negative", "integer"]
    request = {"length": _WEEKS, "constraints": held, "missing": "none"}
    drawn = model.sample(1, like=like, **request, seed=seed)
    values: AnyArray = drawn.values.reshape(*chosen.shape, _WEEKS)
    return values


def _recode(new: SeriesDataset, launches: SeriesDataset, k: int) -> AnyArray:
    """Return the codes of the new items' categories among those of the launches, -1 if absent."""
    codes = {category: i for i, category in enumerate(launches.static_categories[k])}
    names = [new.static_categories[k][code] for code in new.static_cat[:, k]]
    return np.array([codes.get(name, -1) for name in names])


def _as_launched(
    launches: SeriesDataset, new: SeriesDataset, codes: AnyArray, chosen: AnyArray
) -> SeriesDataset:
    """Return the donors' series as if they were launched with the new items, and are unknown."""
    rows = chosen.ravel()
    item = np.repeat(np.arange(len(new)), chosen.shape[1])
    lengths = launches.lengths[rows]
    offsets = np.append(0, np.cumsum(lengths))
    place = np.repeat(launches.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    static = np.where(codes[item] < 0, launches.static_cat[rows], codes[item])
    return SeriesDataset(
        launches.values[place],
        offsets,
        new.starts[item],
        launches.freq,
        tuple(f"new {i} {k}" for k, i in enumerate(item)),
        static_cat=static,
        static_names=launches.static_names,
        static_categories=launches.static_categories,
    )
