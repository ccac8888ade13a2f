"""No single event, and no few hours, move the numbers by more than the data say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

import tsgen
from tsgen.data import Histories, Interactions
from tsgen.intensity.settings import RIMSettings

HORIZON = "28D"
SPAN = 28 * 86_400 * 10**6
DAY = 86_400 * 10**6


@pytest.fixture(scope="module")
def events():
    return tsgen.load_sample("online_retail")


def fitted_at(events, at):
    past = events.where(events.time < at)
    return RIMSettings(horizon=HORIZON).activity_model().fit(Histories.of(past, at), SPAN)


def expected(model, histories):
    return model.intensity(model.state(histories))


@pytest.fixture(scope="module")
def gained(events, most=0.5):
    """What quiet users with an event in the last day did, per expected without it: upper 95 %.

    Quiet are those of whom at most so many events were expected without that event.
    """
    at = int(events.time.max()) + 1
    came, without = 0, 0.0
    for back in range(1, 5):
        now = Histories.of(events, at - back * SPAN)
        model = fitted_at(events, at - back * SPAN)
        fresh = now.subset(now.lengths > 1)
        last = fresh.at - events.time[fresh.ends - 1]
        fresh = fresh.subset(last <= DAY)
        earlier = replace(
            fresh,
            ends=np.array(
                [
                    begin + np.searchsorted(events.time[begin:end], t - DAY)
                    for begin, end, t in zip(fresh.begins, fresh.ends, fresh.at, strict=True)
                ]
            ),
        )
        before = expected(model, earlier)
        quiet = (before <= most) & (earlier.lengths > 0)
        later = Histories.of(events, at - (back - 1) * SPAN, fresh.users)
        came += int((later.lengths - fresh.lengths)[quiet].sum())
        without += float(before[quiet].sum())
    return gamma.ppf(0.95, came + 1) / max(without, 1e-9)


@pytest.mark.parametrize("age", ["1s", "6h", "1D"])
def test_an_event_just_before_the_cut_off_gains_no_more_than_in_past_windows(events, gained, age):
    at = int(events.time.max()) + 1
    model = fitted_at(events, at)
    now = Histories.of(events, at)
    before = expected(model, now)
    quiet = np.flatnonzero((now.lengths > 0) & (before <= 0.5) & (before > 0))
    late = (pd.Timestamp(at, unit="us") - pd.Timedelta(age)).tz_localize("UTC")
    added = pd.DataFrame({
        "user_id": events.users.ids[quiet],
        "item_id": events.items.ids[0],
        "timestamp": late,
    })  # fmt: skip
    table = events.to_frame()
    table["timestamp"] = pd.to_datetime(table["timestamp"], utc=True)
    longer = Interactions.from_frame(
        pd.concat([table[["user_id", "item_id", "timestamp"]], added]), on_duplicate="keep"
    )
    users = longer.users.find(list(events.users.ids[quiet]))
    after = expected(model, Histories.of(longer, at, users))
    assert after.sum() / before[quiet].sum() <= gained
