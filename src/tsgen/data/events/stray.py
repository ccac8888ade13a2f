"""Events far before or after all others, and default dates: most often dates gone wrong."""

from __future__ import annotations

import warnings

import numpy as np

from tsgen.errors import DataWarning

from .interactions import Interactions
from .times import span_text, to_stamps

__all__ = ["warn_of_strays"]

_MOST = 10
_SHARE = 0.1
_SPAN = 0.2


_DEFAULTS = ("1900-01-01", "1970-01-01", "2000-01-01", "2030-01-01")
_BLOCK = 0.01


def warn_of_strays(events: Interactions, horizon: int) -> None:
    """Warn where a few events lie far before or after all others, or many at a default date.

    Few are at most 10 and at most a tenth of the log; far is more than the horizon (microseconds)
    and more than a fifth of the time that the others take.
    """
    _warn_of_defaults(events)
    _warn_of_early(events, horizon)
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
    warnings.warn(
        f"The last {count} of {len(events)} events {when}, {span_text(int(gaps[place]))} after all "
        f"others, which end at {end}; nobody seems to have done anything in between. If the dates "
        "are wrong, drop these events, or give a time before them: at= (--at).",
        DataWarning,
        stacklevel=3,
    )


def _warn_of_early(events: Interactions, horizon: int) -> None:
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
    warnings.warn(
        f"The first {place + 1} of {len(events)} events {when}, {span_text(int(gaps[place]))} "
        f"before all others, which begin at {begin}. If the dates are wrong, drop these events.",
        DataWarning,
        stacklevel=4,
    )


def _warn_of_defaults(events: Interactions) -> None:
    """Warn of a share of the events at the first moment of a date that programs put for none."""
    for text in _DEFAULTS:
        moment = int(np.datetime64(text, "us").astype(np.int64))
        count = int((events.time == moment).sum())
        if count > _BLOCK * len(events):
            warnings.warn(
                f"{count} of {len(events)} events are at {text} 00:00:00 exactly, a date that "
                "programs write where there is none; correct or drop these events.",
                DataWarning,
                stacklevel=4,
            )
