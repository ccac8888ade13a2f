"""Events far after all others, which are most often dates gone wrong."""

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


def warn_of_strays(events: Interactions, horizon: int) -> None:
    """Warn where the last few events lie far after all others.

    Few are at most 10 and at most a tenth of the log; far is more than the horizon (microseconds)
    and more than a fifth of the time that the others take.
    """
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
