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
_PART = 0.1
_TIMES, _YEAR = 3.0, 31_536_000_000_000

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
    others. More than 10 events that are a tenth of the log at most are far after longer than the
    others take, and less than half of the log after a year and three times what both parts take.
    Many at a default date are more than 1 % of the log, and ten times as many as the mean of its
    moments.
    """
    defaults = list(_at_defaults(events))
    far = [*_far(events, horizon, late=False), *_far(events, horizon, late=True)]
    return [*defaults, *(one for one in far if not _covered(one, defaults))]


def _covered(one: Strays, others: list[Strays]) -> bool:
    return any(not (one.events & ~other.events).any() for other in others)


def _far(events: Interactions, horizon: int, *, late: bool) -> Iterator[Strays]:
    moments, counts = np.unique(events.time if late else -events.time, return_counts=True)
    if len(moments) < 2:
        return
    gaps, span = np.diff(moments), moments[:-1] - moments[0]
    size = len(events) - np.cumsum(counts)[:-1]  # events after each gap
    beyond = np.arange(len(gaps), 0, -1)  # moments after it
    part = (gaps > span) & (size <= _PART * len(events))
    both = span + moments[-1] - moments[1:]
    half = (gaps > np.maximum(_TIMES * both, _YEAR)) & (size < _MOST_OF_LOG * len(events))
    far = (gaps > _SPAN * span) & _small(events, size, beyond) | (part | half) & (size > _MOST)
    if (far & (gaps > horizon)).any():
        place = 1 + int((far & (gaps > horizon)).argmax())
        yield _strays(events, moments if late else -moments, place, late=late)


def _small(events: Interactions, size: Integers, beyond: Integers) -> Mask:
    """Return where what lies beyond a gap is a few events, or a block at few moments.

    Args:
        events: The log.
        size: (gaps,) events beyond.
        beyond: (gaps,) moments beyond.
    """
    usual = (len(events) - size) / (len(beyond) + 1 - beyond)
    most = max(_MOST, int(_FEW * len(events)))
    few = (size <= max(min(_MOST, _SHARE * len(events)), _FEW * len(events))) & (beyond <= most)
    block = (size <= _MOST_OF_LOG * len(events)) & (size > _USUAL * usual * beyond)
    return np.asarray(few | (block & (beyond <= _MOST)))


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
