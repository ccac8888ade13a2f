"""Series of channels become the entries again that they were taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tsgen.errors import DataError

from ..channels import MultivariateDataset
from ..dataset import SeriesDataset

__all__ = ["rejoined"]


def rejoined(series: SeriesDataset, channels: Sequence[str]) -> MultivariateDataset:
    """Return the entries whose channels `MultivariateDataset.series` made series of.

    Raises:
        DataError: A series is not called "ITEM_ID/CHANNEL", or an entry lacks a channel.
    """
    longest = sorted(channels, key=len, reverse=True)  # a channel's name may end with another's
    owners = [
        next((name for name in longest if str(item).endswith(f"/{name}")), None)
        for item in series.item_ids
    ]
    if None in owners:
        raise DataError(
            f"Series {series.item_ids[owners.index(None)]!r} is of none of the channels "
            f"{', '.join(channels)}; its id must end with '/' and the channel.",
        )
    parts = [
        _named_before(series.subset([k for k, owner in enumerate(owners) if owner == name]), name)
        for name in channels
    ]
    return MultivariateDataset(tuple(parts), tuple(channels))


def _named_before(part: SeriesDataset, channel: str) -> SeriesDataset:
    """Return a channel's series under the ids of their entries."""
    ending = f"/{channel}"
    info = part.info
    if info is not None:
        info = tuple(
            {key: value.removesuffix(ending) if key == "source_item_id" else value
             for key, value in facts.items()}
            for facts in info
        )  # fmt: skip
    return replace(
        part, item_ids=tuple(str(i).removesuffix(ending) for i in part.item_ids), info=info
    )
