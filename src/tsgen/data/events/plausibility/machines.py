"""Users who are plainly machines: test accounts, robots, one id for everybody without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Codes, Integers, Mask
from tsgen.displays import percent

from ...columns import plain_value
from ..times import to_stamps

if TYPE_CHECKING:
    from ..interactions import Interactions

__all__ = ["Machine", "find_machines"]

_DAY, _HOUR = 86_400_000_000, 3_600_000_000
_FEWEST_USERS, _FEWEST_EVENTS, _TIMES = 20, 500, 30.0
_HOURS, _NIGHTS = 20, 3
_GAPS, _EQUAL = 100, 0.9
_MOST_SHARE = 0.5
_DAYS, _RARE, _MINUTE = 9, 0.05, 60_000_000
_HASTE = 2 * _MINUTE


@dataclass(frozen=True)
class Machine:
    """A user, and what no person does.

    Attributes:
        code: Of the user.
        text: Who, and why.
    """

    code: int
    text: str


def find_machines(events: Interactions) -> list[Machine]:
    """Return the users who are plainly machines, those with most events first.

    These have more than 500 events and 30 times as many as 99 % of the others (20 or more); or 100
    events that are half of all; or events in 20 different hours of a day on three days or more;
    or, of 100 gaps or more between their events, 90 % of one length of less than half a day; or
    events on nine days, all at one second of the day that is not midnight, where most stamps have
    seconds and no more than one user in twenty is so punctual; or 100 moments with an event within
    two minutes, where no more than one user in twenty is so fast.
    """
    reasons: dict[int, str] = {}
    for signs in (_hasty, _punctual, _clocks, _sleepless, _heavy):
        reasons |= signs(events)
    order = sorted(reasons, key=lambda code: (-int(events.lengths[code]), code))
    return [
        Machine(code, f"{plain_value(events.users.ids[code])!r} ({reasons[code]})")
        for code in order
    ]


def _heavy(events: Interactions) -> dict[int, str]:
    lengths = np.sort(events.lengths[events.lengths > 0])
    if len(lengths) < _FEWEST_USERS:
        return {}
    usual = float(np.quantile(lengths[:-1], 0.99))  # of all but the heaviest
    heavy = np.flatnonzero(events.lengths > max(_TIMES * usual, _FEWEST_EVENTS))
    everybody = np.flatnonzero(events.lengths >= max(_MOST_SHARE * len(events), _GAPS))
    return {
        int(
            code
        ): f"{events.lengths[code]:,} events, {percent(events.lengths[code] / len(events))} of all"
        for code in everybody
    } | {
        int(code): f"{events.lengths[code]:,} events, 99 % of users have at most {usual:,.0f}"
        for code in heavy
    }


def _punctual(events: Interactions) -> dict[int, str]:
    """Return who comes at one second of the day, day after day."""
    active = np.flatnonzero(events.lengths > 0)
    seconds = np.count_nonzero(events.time % _MINUTE) > len(events) / 2
    if len(active) < _FEWEST_USERS or not seconds:
        return {}
    day, clock = np.divmod(events.time, _DAY)
    starts = events.offsets[active]
    least, most = (extreme.reduceat(clock, starts) for extreme in (np.minimum, np.maximum))
    days = np.add.reduceat(_starts(events.user, day).astype(np.int64), starts)
    same = np.flatnonzero((least == most) & (days >= _DAYS))
    stamps = to_stamps(events.time[starts[same]], events.timezone)
    late = np.flatnonzero(stamps != stamps.normalize())
    if len(late) > _RARE * len(active):
        return {}
    return {
        int(active[same[k]]): f"events on {days[same[k]]} days, all at {stamps[k]:%H:%M:%S}"
        for k in late.tolist()
    }


def _hasty(events: Interactions) -> dict[int, str]:
    """Return who has an event every second or so, a hundred times."""
    moments = np.flatnonzero(_starts(events.user, events.time))
    user, time = events.user[moments], events.time[moments]
    length = time[_GAPS - 1 :] - time[: -_GAPS + 1]
    fast = (user[_GAPS - 1 :] == user[: -_GAPS + 1]) & (length < _HASTE)
    codes = np.unique(user[_GAPS - 1 :][fast])
    if len(codes) > max(_RARE * np.count_nonzero(events.lengths), 1):
        return {}
    shortest = {code: int(length[fast & (user[_GAPS - 1 :] == code)].min()) for code in codes}
    return {
        int(code): f"{_GAPS} events within {span / 1e6:,.0f} s" for code, span in shortest.items()
    }


def _sleepless(events: Interactions) -> dict[int, str]:
    """Return who has events in most hours of several days; one pass over the log."""
    hour, user = events.time // _HOUR, events.user
    hours = np.flatnonzero(_starts(user, hour))  # the first event of each user's hour
    days = np.flatnonzero(_starts(user[hours], hour[hours] // 24))
    long = np.diff(np.append(days, len(hours))) >= _HOURS
    nights = np.bincount(user[hours][days][long], minlength=events.num_users)
    return {
        int(code): f"events in {_HOURS} or more hours of the day on {nights[code]} days"
        for code in np.flatnonzero(nights >= _NIGHTS)
    }


def _clocks(events: Interactions) -> dict[int, str]:
    """Return whose gaps are of one length; looked at where neighbouring gaps often are."""
    user, time = events.user, events.time
    gap = np.diff(time)
    same = np.append([0, 0], (gap[1:] == gap[:-1]) & (user[2:] == user[:-2]) & (gap[1:] > 0))
    equal = np.bincount(user, same[: len(user)], minlength=events.num_users)
    suspects = {}
    for code in np.flatnonzero(equal >= _GAPS * (2 * _EQUAL - 1)):
        gaps = np.diff(np.unique(time[events.offsets[code] : events.offsets[code + 1]]))
        lengths, counts = np.unique(gaps, return_counts=True)
        share, usual = counts.max() / len(gaps), int(lengths[counts.argmax()])
        if len(gaps) >= _GAPS and share >= _EQUAL and usual < _DAY // 2:
            suspects[int(code)] = (
                f"{percent(share)} of the gaps between its events are {usual / 1e6:g} s"
            )
    return suspects


def _starts(user: Codes, value: Integers) -> Mask:
    """Return where the user or the value changes, the first row included."""
    return np.append(True, (user[1:] != user[:-1]) | (value[1:] != value[:-1]))[: len(user)]
