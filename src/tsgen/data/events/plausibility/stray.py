"""Events far before or after all others, and default dates: most often dates gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Mask

from ..times import span_text, to_stamps

if TYPE_CHECKING:
    from ..interactions import Interactions

__all__ = ["Strays", "find_strays"]

_MOST = 10
_SHARE = 0.1
_SPAN = 0.2

_DEFAULTS = ("1899-12-30", "1900-01-01", "1970-01-01", "1980-01-01", "2000-01-01", "2030-01-01")
_BLOCK = 0.01
_USUAL = 10.0


@dataclass(frozen=True, eq=False)
class Strays:
    """Events whose times are most often wrong.

    Attributes:
        text: Which they are, in one sentence without an end.
        events: (events,) True for them.
    """

    text: str
    events: Mask


def find_strays(events: Interactions, horizon: int) -> list[Strays]:
    """Return the few events far before or after all others, and many at a default date.

    Few are at most 10 and at most a tenth of the log; far is more than the horizon (microseconds)
    and more than a fifth of the time that the others take. Many at a default date are more than
    1 % of the log, and ten times as many as the mean of its moments.
    """
    return [*_at_defaults(events), *_early(events, horizon), *_late(events, horizon)]


def _late(events: Interactions, horizon: int) -> Iterator[Strays]:
    most = min(_MOST, int(_SHARE * len(events)))
    if not most:
        return
    last = np.sort(np.partition(events.time, -most - 1)[-most - 1 :])
    gaps, first = np.diff(last), int(events.time.min())
    far = (gaps > horizon) & (gaps > _SPAN * (last[:-1] - first))
    if not far.any():
        return
    place = int(far.argmax())  # of the last event that is not far
    count = most - place
    end, stray, latest = to_stamps(last[[place, place + 1, -1]], events.timezone)
    when = f"is at {stray}" if count == 1 else f"are at {stray} to {latest}"
    yield Strays(
        f"The last {count} of {len(events)} events {when}, {span_text(int(gaps[place]))} after all "
        f"others, which end at {end}; nobody seems to have done anything in between",
        events.time > last[place],
    )


def _early(events: Interactions, horizon: int) -> Iterator[Strays]:
    most = min(_MOST, int(_SHARE * len(events)))
    if not most:
        return
    first = np.sort(np.partition(events.time, most)[: most + 1])
    gaps, last = np.diff(first), int(events.time.max())
    far = (gaps > horizon) & (gaps > _SPAN * (last - first[1:]))
    if not far.any():
        return
    place = len(far) - 1 - int(far[::-1].argmax())  # of the last event before the gap
    earliest, stray, begin = to_stamps(first[[0, place, place + 1]], events.timezone)
    when = f"is at {stray}" if place == 0 else f"are at {earliest} to {stray}"
    yield Strays(
        f"The first {place + 1} of {len(events)} events {when}, {span_text(int(gaps[place]))} "
        f"before all others, which begin at {begin}",
        events.time <= first[place],
    )


def _at_defaults(events: Interactions) -> Iterator[Strays]:
    """Return a share of the events at the first moment of a date that programs put for none.

    The moment is one of UTC or of the log's own zone.
    """
    for text in _DEFAULTS:
        moments = {int(np.datetime64(text, "us").astype(np.int64)), events.read_time(text)}
        there = np.isin(events.time, list(moments))
        count = int(there.sum())
        if count > _BLOCK * len(events) and count > _USUAL * _per_moment(events):
            yield Strays(
                f"{count} of {len(events)} events are at {text} 00:00:00 exactly, a date that "
                "programs write where there is none",
                there,
            )


def _per_moment(events: Interactions) -> float:
    return len(events) / len(np.unique(events.time))
