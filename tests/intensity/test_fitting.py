"""Which part learns from what: whose pasts, until when, and who is held out of it."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from intensity_doubles import Countable, HeldOut, Rate, recorded_settings
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError
from tsgen.intensity import RIMEstimator, fitting
from tsgen.intensity.fitting import PartsFitter
from tsgen.intensity.pairs import PairSettings
from tsgen.intensity.pairs.mixture import RepeatMixture
from tsgen.intensity.scoring.parts import FittedParts
from tsgen.intensity.settings import RIMSettings
from tsgen.training import TrainingOptions

OPTIONS = TrainingOptions(seed=1, progress=False)
SPAN = 86_400 * 10**6  # a day, the horizon
THREE = PairSettings(num_windows=3)  # as of longer horizons
HOUR = pd.Timedelta("1h")


def log_of_days(num_users=60, num_days=6, idle=()):
    """Every user has an event at noon of every day, with an item of its own; the idle have none."""
    import pandas as pd

    days = pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(np.arange(num_days), "D")
    busy = [u for u in range(num_users) if u not in idle]
    table = pd.DataFrame(
        [(f"u{u:03d}", f"i{u % 4}", day) for u in busy for day in days],
        columns=["user_id", "item_id", "timestamp"],
    )
    users = pd.DataFrame({"user_id": [f"u{u:03d}" for u in range(num_users)]})
    return Interactions.from_frame(table, users=users, on_duplicate="keep")


def histories_of(events):
    return Histories.of(events, int(events.time.max()) + SPAN // 2)


@dataclass
class Learnt:
    """What the last parts of a RIM were given, instead of learning from it."""

    pairs: list[Any] = field(default_factory=list)
    mixtures: list[Any] = field(default_factory=list)
    calibrations: list[Any] = field(default_factory=list)
    learns_pairs: bool = True

    def fit_pairs(self, windows, everyone, span, seed, settings=None):
        self.pairs.append((windows, everyone, span, seed))
        return f"pairs {len(self.pairs)}" if self.learns_pairs else None

    def fit_mixture(self, base, histories, span, users):
        self.mixtures.append((base, histories, span, users))
        return RepeatMixture.none()

    def recalibrated(self, parts, window, settings, seed):
        self.calibrations.append((parts, window, settings, seed))
        return FittedParts(parts.activity, parts.relevance, parts.pairs, probability="recalibrated")


@pytest.fixture
def learnt(monkeypatch):
    doubles = Learnt()
    for name in ("fit_pairs", "fit_mixture", "recalibrated"):
        monkeypatch.setattr(fitting, name, getattr(doubles, name))
    return doubles


def fitter(events, rate, relevance, seed=7, pairs=THREE, **settings):
    settings = recorded_settings(rate, relevance, horizon="1D", pairs=pairs, **settings)
    return PartsFitter(settings, OPTIONS, seed, histories_of(events))


# ---- who is held out -----------------------------------------------------------------------------


def test_users_held_out_of_the_relevance_are_those_that_the_other_parts_learn_from(learnt):
    """A network is never asked, for pairs or chances, about users whose events trained it."""
    relevance = HeldOut()
    events = log_of_days(idle=range(50, 60))
    fitter(events, Rate(), relevance).fit()
    ((histories, span, options, held_out),) = relevance.fits  # it learns once, from the whole past
    assert (len(histories), span, options) == (60, SPAN, OPTIONS)
    assert set(histories.at) == set(histories_of(events).at)
    assert held_out.sum() == 5  # a tenth of the fifty users that have a history
    assert not held_out[50:].any()
    for windows, *_ in learnt.pairs:
        for window in windows:
            assert window.past.users.tolist() == np.flatnonzero(held_out).tolist()
            assert len(window.everyone) == 60
    ((_, window, _, _),) = learnt.calibrations
    assert window.users.tolist() == held_out.tolist()


def test_without_pairs_the_mixture_learns_from_the_held_out_users(learnt):
    relevance = HeldOut()
    fitter(log_of_days(), Rate(), relevance, repeats="mixture").fit()
    ((*_, held_out),) = relevance.fits
    assert held_out.sum() == 6
    for base, _, span, users in learnt.mixtures:
        assert users.tolist() == held_out.tolist()
        assert (base, span) == (relevance.fitted[0], SPAN)


def test_a_relevance_that_counts_holds_nobody_out_and_counts_anew_before_each_window(learnt):
    relevance = Countable()
    events = log_of_days()
    fitter(events, Rate(), relevance).fit()
    assert not any(held_out.any() for *_, held_out in relevance.fits)
    now = histories_of(events).at.max()
    cuts = [int((now - past.at.max()) // SPAN) for past, *_ in relevance.fits]
    assert sorted(cuts) == [0, 1, 2, 3, 4]  # once each: for the parts, and for those a day earlier
    bases = {cut: fitted for cut, fitted in zip(cuts, relevance.fitted, strict=True)}
    for windows, *_ in learnt.pairs:
        for window in windows:
            cut = int((now - window.past.at.max()) // SPAN)
            assert window.base is bases[cut]
            assert window.past.users.tolist() == list(range(60))


@pytest.mark.parametrize(("num_users", "count"), [(44, 0), (46, 5), (50, 5), (80, 8)])
def test_a_tenth_is_held_out_or_nobody_where_that_is_fewer_than_five(learnt, num_users, count):
    relevance = HeldOut()
    fitter(log_of_days(num_users), Rate(), relevance).fit()
    assert relevance.fits[0][3].sum() == count
    window = learnt.calibrations[0][1]
    if not count:  # then all with a past show what intensities mean, and the pairs
        assert window.users.all()
        assert len(learnt.pairs[0][0][0].past) == num_users


def test_who_is_held_out_depends_on_the_seed_alone(learnt):
    drawn = []
    for seed in (7, 7, 8):
        relevance = HeldOut()
        fitter(log_of_days(), Rate(), relevance, seed=seed).fit()
        drawn.append(relevance.fits[0][3].tolist())
    assert drawn[0] == drawn[1] != drawn[2]


# ---- until when ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("num_days", "trust"), [(2, 0.25), (3, 0.75), (4, 1.0), (8, 1.0)])
def test_sums_of_pairs_are_trusted_more_as_the_log_grows(num_days, trust):
    """A half from one horizon to two, then what is learnt, until three; these end at midnight."""
    parts = fitter(log_of_days(num_days=num_days), Rate(), Countable())
    parts._earlier_sums = SimpleNamespace(trust=lambda came: float(came.sum() == 60))
    assert parts._trust == pytest.approx(trust)


@pytest.mark.parametrize(("hours", "trust"), [(0, 0.2), (6, 0.35), (24, 0.8), (30, 0.8)])
def test_that_trust_passes_from_the_midnight_before_to_the_last_by_the_hour(hours, trust):
    parts = fitter(log_of_days(num_days=8), Rate(), Countable())
    parts._own_trust = lambda: 0.8
    earlier = parts.histories.earlier(hours * SPAN // 24)
    parts._learning = SimpleNamespace(at=earlier.at)
    before = SimpleNamespace(_own_trust=lambda: 0.2)  # days of rest between change nothing
    parts._before = [(before, None, 0.5), (None, None, 0.3)]
    assert parts._trust == pytest.approx(trust)


def test_a_pair_counts_once_in_that_and_the_parts_of_the_last_horizon_are_lifted_too(learnt):
    events = log_of_days(num_days=8)
    twice = events.to_frame().pipe(lambda t: pd.concat([t, t.assign(timestamp=t.timestamp + HOUR)]))
    parts = fitter(Interactions.from_frame(twice), Rate(), Countable())
    counts = []
    parts._earlier_sums = SimpleNamespace(
        trust=lambda came: counts.append(came.tolist()) or 0.7, lifted=lambda t: f"lifted {t}"
    )
    parts.fit()
    assert counts == [[1] * 60]
    assert learnt.calibrations[0][1].parts.pairs == "lifted 0.7"


def test_horizons_of_a_day_teach_pairs_for_a_week(learnt):
    fitter(log_of_days(num_days=10), Rate(), Countable(), pairs=PairSettings()).fit()
    assert [len(windows) for windows, *_ in learnt.pairs] == [7, 7]


def test_pairs_learn_from_the_last_three_horizons_by_what_was_known_before_each(learnt):
    activity = Rate()
    events = log_of_days(num_days=8)
    fitter(events, activity, Countable()).fit()
    now = histories_of(events).at.max()
    (windows, everyone, span, seed), (earlier, everyone_then, *_) = learnt.pairs
    assert (span, seed) == (SPAN, 7)
    assert (everyone.at.max(), everyone_then.at.max()) == (now, now - SPAN)
    for first, group in ((1, windows), (2, earlier)):
        assert len(group) == 3
        for back, window in enumerate(group, start=first):
            begins = now - back * SPAN
            assert set(window.past.at) == set(window.everyone.at) == {begins}
            # each user had one event a day: those before the window, and one within it
            assert set(window.past.lengths) == {8 - back}
            assert (window.ends - window.past.ends == 1).all()
            np.testing.assert_allclose(window.activity, 100.0 * (8 - back))
    assert sorted({int((now - past.at.max()) // SPAN) for past, *_ in activity.fits}) == [
        0, 1, 2, 3, 4,
    ]  # fmt: skip
    assert len(activity.fits) == 5  # each of them once
    assert all((span, options) == (SPAN, OPTIONS) for _, span, options in activity.fits)


@dataclass
class Growing(Rate):
    """A rate that is the greater, the more of the log it was fitted to: 2^days."""

    def fit(self, histories, horizon, options=None):
        fitted = super().fit(histories, horizon, options)
        fitted.factor = 2.0 ** int(histories.lengths.max())
        return fitted


def test_an_activity_that_had_little_to_learn_from_counts_for_as_little(learnt):
    """What lies before a day is learnt from once that day's own horizon is taken off."""
    events = log_of_days(num_days=5)
    fitter(events, Growing(), Countable()).fit()
    (windows, *_), (earlier, *_) = learnt.pairs
    reach = 4.5  # noon of the first day to the midnight after the last one
    for back, group in enumerate((windows, earlier)):
        for place, window in enumerate(group, start=back + 1):
            days = 5 - place
            trust = min(max(reach - place - 1, 0.0), 1.0)
            factor = 2.0 ** (trust * days + (1 - trust) * (5 - back))
            np.testing.assert_allclose(window.activity, factor * days)
    assert [len(windows), len(earlier)] == [3, 3]
    assert windows[1] is earlier[0]  # what depends on nothing later is described once


def test_only_windows_with_a_past_are_learnt_from(learnt):
    fitter(log_of_days(num_days=3), Rate(), Countable()).fit()
    assert [len(windows) for windows, *_ in learnt.pairs] == [2, 1]


def test_an_expensive_activity_learns_once_before_and_not_for_three_windows(learnt):
    from gluonts.model.seasonal_naive import SeasonalNaivePredictor

    from tsgen.intensity import ForecasterActivity

    naive = ForecasterActivity(SeasonalNaivePredictor(prediction_length=2, season_length=1))
    fitter(log_of_days(), naive, Countable()).fit()
    assert [len(windows) for windows, *_ in learnt.pairs] == [1, 1]


def test_a_log_too_short_for_an_earlier_activity_gives_the_windows_it_can(learnt):
    activity = Rate(fails_before=2)
    fitter(log_of_days(), activity, Countable()).fit()
    assert [len(windows) for windows, *_ in learnt.pairs] == [2, 1]
    short = Rate(fails_before=0)
    parts = fitter(log_of_days(), short, Countable()).fit()
    assert learnt.pairs[-1][0] == []
    assert len(learnt.calibrations) == 1  # of the first fit: this one knows no earlier parts
    assert parts.probability != "recalibrated"


def test_activity_none_expects_one_event_of_everybody(learnt):
    constant = RIMSettings(activity="none").activity_model()
    parts = fitter(log_of_days(), constant, Countable()).fit()
    assert not parts.activity.expects_counts
    assert all((window.activity == 1.0).all() for window in learnt.pairs[0][0])


# ---- what comes of it ----------------------------------------------------------------------------


def test_the_parts_are_those_that_learnt_up_to_the_end(learnt):
    activity, relevance = Rate(), Countable()
    events = log_of_days()
    parts = fitter(events, activity, relevance).fit()
    now = histories_of(events).at.max()
    last = [k for k, (past, *_) in enumerate(activity.fits) if past.at.max() == now]
    assert [parts.activity] == [activity.fitted[k] for k in last]
    last = [k for k, (past, *_) in enumerate(relevance.fits) if past.at.max() == now]
    assert [parts.relevance] == [relevance.fitted[k] for k in last]
    assert parts.pairs == "pairs 1"


def test_chances_are_learnt_on_the_last_horizon_by_parts_that_had_not_seen_it(learnt):
    activity, relevance = Rate(), Countable()
    events = log_of_days()
    fitted = fitter(events, activity, relevance)
    parts = fitted.fit()
    ((given, window, settings, seed),) = learnt.calibrations
    assert parts.probability == "recalibrated"
    assert (settings, seed) == (fitted.settings, 7)
    assert (given.activity, given.relevance, given.pairs) == (
        parts.activity, parts.relevance, parts.pairs,
    )  # fmt: skip
    now = histories_of(events).at.max()
    assert set(window.past.at) == {now - SPAN}
    assert set(window.later.at) == {now}
    assert window.past.users.tolist() == window.later.users.tolist()
    knew = [past.at.max() for past, *_ in activity.fits]
    assert knew[activity.fitted.index(window.parts.activity)] == now - SPAN
    knew = [past.at.max() for past, *_ in relevance.fits]
    assert knew[relevance.fitted.index(window.parts.relevance)] == now - SPAN
    assert window.parts.pairs == "pairs 2"


def test_chances_are_brought_to_the_level_of_all_who_have_a_past_by_now(learnt):
    """Also of those who came in the last horizon, who teach nothing."""
    fitter_of_late_users(Rate()).fit()
    window = learnt.calibrations[0][1]
    assert window.now.sum() > window.users.sum()
    assert window.now.tolist() == (window.later.lengths > 0).tolist()
    assert window.users.tolist() == (window.past.lengths > 0).tolist()


def test_where_all_learn_chances_come_from_those_with_a_past(learnt):
    events = log_of_days(idle=(3,))
    fitter(events, Rate(), Countable()).fit()
    assert np.flatnonzero(~learnt.calibrations[0][1].users).tolist() == [3]


def test_one_event_is_a_past_to_learn_chances_from(learnt):
    """Of `fitter_of_late_users`: late has its first event in the window, newer had one before."""
    fitted = fitter_of_late_users(Rate())
    fitted.fit()
    users, names = learnt.calibrations[0][1].users, fitted.histories.events.users.ids
    assert {name: bool(users[k]) for k, name in enumerate(names)} | {"late": False} == {
        "late": False, "newer": True, "u000": True, "u001": True, "u002": True, "u003": True,
    }  # fmt: skip
    assert not users[list(names).index("late")]


@pytest.mark.parametrize("fails_before", [None, 0])
def test_the_share_of_known_items_is_learnt_with_and_without_earlier_parts(learnt, fails_before):
    """Half of the events of the second of two days are of items that nobody had before."""
    noon = pd.Timestamp("2024-01-01 12:00")
    rows = [(f"u{u}", "old", noon + pd.Timedelta(days=day)) for u in range(60) for day in (0, 1)]
    rows += [(f"u{u}", f"new {u}", noon + pd.Timedelta(days=1)) for u in range(60)]
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    events = Interactions.from_frame(table, on_duplicate="keep")
    parts = fitter(events, Rate(fails_before=fails_before), Countable()).fit()
    assert len(learnt.calibrations) == (fails_before is None)
    given = learnt.calibrations[0][0] if learnt.calibrations else parts
    assert given.seen_share == pytest.approx((60 + 10 * 61 / 121) / (120 + 10))


def test_without_counts_or_a_past_there_is_nothing_to_recalibrate(learnt):
    constant = RIMSettings(activity="none").activity_model()
    fitter(log_of_days(), constant, Countable()).fit()
    fitter(log_of_days(num_days=1), Rate(), Countable()).fit()
    assert not learnt.calibrations


def test_where_pairs_teach_nothing_the_mixture_does(learnt):
    learnt.learns_pairs = False
    events = log_of_days()
    relevance = Countable()
    parts = fitter(events, Rate(), relevance).fit()
    assert isinstance(parts.pairs, RepeatMixture)
    now = histories_of(events).at.max()
    for back, (base, histories, *_) in enumerate(learnt.mixtures):
        assert set(histories.at) == {now - back * SPAN}
        fitted_at = [past.at.max() for past, *_ in relevance.fits]
        assert fitted_at[relevance.fitted.index(base)] == now - (back + 1) * SPAN
    assert len(learnt.mixtures) == 2


@pytest.mark.parametrize("repeats", ["none", "never"])
def test_repeats_that_are_not_to_be_learnt_are_not(learnt, repeats):
    parts = fitter(log_of_days(), Rate(), Countable(), repeats=repeats).fit()
    assert not learnt.pairs
    assert not learnt.mixtures
    np.testing.assert_array_equal(parts.pairs.weights, RepeatMixture.none().weights)


def test_a_log_of_one_horizon_has_no_mixture(learnt):
    parts = fitter(log_of_days(num_days=1), Rate(), Countable(), repeats="mixture").fit()
    assert not learnt.mixtures
    np.testing.assert_array_equal(parts.pairs.weights, RepeatMixture.none().weights)


def test_an_error_of_the_whole_log_is_not_swallowed(learnt):
    with pytest.raises(DataError, match="too short"):
        fitter(log_of_days(), Rate(fails_before=-1), Countable()).fit()


# ---- what past horizons say ----------------------------------------------------------------------


def fitter_of_late_users(rate, after=SPAN // 2):
    """Four users have an event at noon of six days, one on the last two, another on the last."""
    import pandas as pd

    table = log_of_days(num_users=4).to_frame()
    last = table["timestamp"].max()
    late = pd.DataFrame({"user_id": ["late", "newer", "newer"], "item_id": ["i0", "i0", "i1"]})
    late["timestamp"] = [last, last, last - pd.Timedelta("1D")]
    events = Interactions.from_frame(pd.concat([table, late]))
    settings = recorded_settings(rate, Countable(), horizon="1D")
    return PartsFitter(settings, OPTIONS, 7, Histories.of(events, int(events.time.max()) + after))


def test_past_totals_are_of_users_with_a_past_at_horizons_with_two_to_learn_from():
    parts = fitter_of_late_users(Rate())
    assert parts.past_totals() == []  # nothing has been fitted to an earlier time
    for back in (4, 2, 0, 3, 1):  # at 4 horizons back, a day and a half is left
        parts._activity(back)
    totals = parts.past_totals()
    assert [total.expected for total in totals] == [100 * (4 * 5 + 1), 100 * 4 * 4, 100 * 4 * 3]
    assert [total.came for total in totals] == [5, 4, 4]  # not those of users who come later


def test_two_whole_horizons_are_enough_to_learn_from():
    parts = fitter_of_late_users(Rate(), after=SPAN)  # six days from the first event to the end
    for back in (4, 5):
        parts._activity(back)
    assert [total.came for total in parts.past_totals()] == [4]


def test_activities_that_count_nothing_have_no_past_totals(monkeypatch):
    monkeypatch.setattr("intensity_doubles.FittedRate.expects_counts", False)
    parts = fitter_of_late_users(Rate())
    parts._activity(1)
    assert parts.past_totals() == []


@dataclass
class RateByDay(Rate):
    by_whole_days = True


@pytest.mark.parametrize(("hours", "begun"), [(0, 12), (6, 12), (23, 12), (25, 13)])
def test_what_is_learnt_ends_at_midnight_and_what_is_known_at_the_cut_off(learnt, hours, begun):
    """Fifteen days and some hours, a horizon of three days: the same all day, but the items."""
    activity, relevance = RateByDay(), Countable()
    events = log_of_days(num_days=18)
    day = int(events.time.min()) // SPAN * SPAN
    at = day + 15 * SPAN + hours * SPAN // 24
    settings = recorded_settings(activity, relevance, horizon="3D")
    PartsFitter(settings, OPTIONS, 7, Histories.of(events.where(events.time < at), at)).fit()
    midnight = at // SPAN * SPAN
    assert (midnight - day) // SPAN - 3 == begun
    (windows, everyone, *_), *before, _ = learnt.pairs
    for days, (earlier, *_) in enumerate(before, start=1):
        assert {int(window.past.at.max()) for window in earlier} == {
            midnight - days * SPAN - 3 * k * SPAN for k in (1, 2, 3)
        }
    assert len(before) == 2
    assert {int(window.past.at.max()) for window in windows} == {
        midnight - 3 * k * SPAN for k in (1, 2, 3)
    }
    assert int(everyone.at.max()) == at  # the facts of the items, and their popularity
    assert max(int(past.at.max()) for past, *_ in relevance.fits) == at
    assert max(int(past.at.max()) for past, *_ in activity.fits) == midnight
    assert int(learnt.calibrations[0][1].later.at.max()) == midnight


@pytest.mark.parametrize(
    ("horizon", "hours", "shares"),
    [("3D", 0, [1.0, 0.5]), ("1D", 18, [4 / 7, 1 / 8]), ("12D", 18, [4 / 7, 1 / 8])],
)
def test_what_the_last_midnights_taught_is_averaged_by_the_hour(learnt, horizon, hours, shares):
    """3/8, 1/2, 1/8 at six in the evening; none, 1/2, 1/2 at midnight; one after another."""
    activity = blends_of(horizon, hours)
    blends = activity.fitted[0].blends
    ends = [int(past.at.max()) for past, *_ in activity.fits]
    midnight = max(ends)
    assert [weight for _, _, weight, _ in blends] == pytest.approx(shares)
    for days, (now, other, _, histories) in enumerate(blends, start=1):
        assert now is activity.fitted[0]
        assert ends[0] == midnight == int(histories.at.max())
        assert ends[activity.fitted.index(other)] == midnight - days * SPAN


@pytest.mark.parametrize("horizon", ["12h", "14D"])
def test_long_horizons_and_short_ones_are_not_blended(learnt, horizon):
    assert not any(fitted.blends for fitted in blends_of(horizon, 18).fitted)


@pytest.mark.parametrize(("horizon", "hours"), [("35D", 0), ("36D", 18)])
def test_a_log_of_less_than_a_horizon_and_a_quarter_is_learnt_from_to_its_end(horizon, hours):
    """44.5 days from noon of the first day to midnight: 1.27 and 1.24 horizons."""
    ends = [int(past.at.max()) for past, *_ in blends_of(horizon, 18).fits]
    assert max(ends) % SPAN == hours * SPAN // 24


def blends_of(horizon, hours):
    """An activity after a fit to 45 days and some hours, a day's rate learnt until each time."""
    activity, events = RateByDay(), log_of_days(num_users=5, num_days=48)
    at = int(events.time.min()) // SPAN * SPAN + 45 * SPAN + hours * SPAN // 24
    settings = recorded_settings(activity, Countable(), horizon=horizon)
    PartsFitter(settings, OPTIONS, 7, Histories.of(events.where(events.time < at), at)).fit()
    return activity


def test_a_last_horizon_whose_only_events_are_of_the_last_day_ends_at_the_cut_off():
    """Two users long ago, one this morning: until midnight there would be nothing to learn from."""
    stamps = pd.to_datetime(["2024-01-01 00:00", "2024-01-02 00:00", "2024-03-01 09:00"])
    table = pd.DataFrame({"user_id": ["a", "b", "a"], "item_id": "x", "timestamp": stamps})
    events = Interactions.from_frame(table)
    model = RIMEstimator(horizon="9D").train(events, options=OPTIONS)
    assert model.summary["num_events"] == 3
