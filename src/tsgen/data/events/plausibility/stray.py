"""Events far before or after all others, and default dates: most often dates gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Integers, Mask

from ..times import span_text, to_stamps

if TYPE_CHECKING:
    from ..interactions import Interactions

__all__ = ["Strays", "find_strays"]

_MOST = 10
_SHARE = 0.1
_FEW = 0.01
_SPAN = 0.2
_MOST_OF_LOG = 0.5

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
    """Return what lies far before or after all others, and many events at a default date.

    Far is more than the horizon (microseconds) and more than a fifth of the time that the others
    take. What is far are at most 10 events and at most a tenth of the log, or at most 1 % of it; or
    a block, at most half of the log at 10 moments or fewer, ten times as many a moment as of the
    others. Many at a default date are more than 1 % of the log, and ten times as many as the mean
    of its moments.
    """
    defaults = list(_at_defaults(events))
    far = [*_far(events, horizon, late=False), *_far(events, horizon, late=True)]
    return [*defaults, *(one for one in far if not _covered(one, defaults))]


def _covered(one: Strays, others: list[Strays]) -> bool:
    return any(not (one.events & ~other.events).any() for other in others)


def _far(events: Interactions, horizon: int, *, late: bool) -> Iterator[Strays]:
    moments, counts = np.unique(events.time if late else -events.time, return_counts=True)
    most = min(max(_MOST, int(_FEW * len(events))), len(moments) - 1)
    if most < 1:
        return
    gaps = np.diff(moments)[-most:]
    far = (gaps > horizon) & (gaps > _SPAN * (moments[:-1][-most:] - moments[0]))
    size = np.cumsum(counts[::-1])[:most][::-1]  # events from each of these moments on
    beyond = np.arange(most, 0, -1)
    usual = (len(events) - size) / (len(moments) - beyond)
    few = size <= max(min(_MOST, _SHARE * len(events)), _FEW * len(events))
    block = (size <= _MOST_OF_LOG * len(events)) & (size > _USUAL * usual * beyond)
    far &= few | (block & (beyond <= _MOST))
    if far.any():
        place = len(moments) - most + int(far.argmax())
        yield _strays(events, moments if late else -moments, place, late=late)


def _strays(events: Interactions, moments: Integers, place: int, *, late: bool) -> Strays:
    """Return the events from a place of the moments on; early ones are counted backwards."""
    beyond = events.time >= moments[place] if late else events.time <= moments[place]
    nearest, farthest, end = to_stamps(moments[[place, -1, place - 1]], events.timezone)
    from_, to = (nearest, farthest) if late else (farthest, nearest)
    count, gap = int(beyond.sum()), span_text(abs(int(moments[place] - moments[place - 1])))
    when = f"{'is' if count == 1 else 'are'} at {from_}{'' if from_ == to else f' to {to}'}"
    if late:
        return Strays(
            f"The last {count} of {len(events)} events {when}, {gap} after all others, which end "
            f"at {end}; nobody seems to have done anything in between",
            beyond,
        )
    return Strays(
        f"The first {count} of {len(events)} events {when}, {gap} before all others, which begin "
        f"at {end}",
        beyond,
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
