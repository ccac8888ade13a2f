"""Messages in Python name arguments of the call that was made, or say whose they are."""

import contextlib
import inspect
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import as_interactions, simulate_series
from tsgen.errors import TsgenError
from tsgen.evaluation import evaluate_audience
from tsgen.psagan import PSAGANForecastEstimator
from tsgen.responsible import bias_report, compare_audiences, series_bias

SAVED = Path(__file__).parent.parent / "fixtures" / "saved"
ARGUMENT = re.compile(r"(?<![\w.'\"-])([a-z]\w*)=(?!=)")
WRITTEN_CALL = re.compile(r"[\w.]+\((?:[^()]|\([^()]*\))*\)")
READ_WITH = re.compile(r"(?:[Rr]eading|trained) with \w+=")
WHOSE = re.compile(r"Such arguments are those of (tsgen\.[\w.]+):")
"""What calls that read data by themselves say of the arguments in a reader's message."""


def others(message, call):
    """Return the arguments in a message that the call does not take, but in calls written out."""
    takes = set(inspect.signature(call).parameters)
    if "read" in takes:  # **read
        takes |= set(inspect.signature(tsgen.to_dataset).parameters)
    model = getattr(call, "__self__", None)
    takes |= {*dir(model), *dir(getattr(model, "data", None))}  # its settings and facts
    if whose := WHOSE.search(message):
        reader = tsgen
        for name in whose[1].split(".")[1:]:
            reader = getattr(reader, name)
        takes |= set(inspect.signature(reader).parameters)
    named = ARGUMENT.findall(READ_WITH.sub("", WRITTEN_CALL.sub("", message)))
    return sorted(set(named) - takes)


def messages(call, *args, **options):
    """Return what our errors and warnings of a call say."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", tsgen.errors.TsgenWarning)
        error = []
        try:
            call(*args, **options)
        except TsgenError as raised:
            error = [str(raised)]
        except (TypeError, ValueError, AttributeError, KeyError):
            pass  # not of this test: see `tests/reliability`
    ours = [str(w.message) for w in warned if issubclass(w.category, tsgen.errors.TsgenWarning)]
    return [*error, *ours]


def test_arguments_of_another_call_are_seen():
    def call(size, at=None):
        raise AssertionError

    assert others("at=3 is late; lower size= or pass freq='h'.", call) == ["freq"]
    assert others("Use to_dataset(data, freq='h') or pd.f(x, a=g(b=1)).", call) == []
    assert others("Pass on_missing_id='drop'. Such arguments are those of "
                  "tsgen.Interactions.from_frame: read with it first.", call) == []  # fmt: skip


SERIES = simulate_series(3, 60, seed=1).to_frame()
EVENTS = pd.DataFrame({
    "user_id": [f"u{k % 9}" for k in range(90)],
    "item_id": [f"i{k % 4}" for k in range(90)],
    "timestamp": pd.date_range("2024-01-01", periods=90, freq="7h"),
})  # fmt: skip


def bad_series():
    """Tables and arrays that a reader of series has advice for."""
    times, draw = SERIES["timestamp"], np.random.default_rng(0)
    late = pd.to_timedelta(draw.integers(0, 50, len(SERIES)), unit="min")
    first = SERIES["item_id"] == SERIES["item_id"][0]
    return {
        "twice": pd.concat([SERIES[:1], SERIES]),
        "nothing observed": SERIES.assign(target=SERIES["target"].mask(first)),
        "step numbers": SERIES.assign(timestamp=SERIES.groupby("item_id").cumcount()),
        "no ids": SERIES.drop(columns="item_id"),
        "other names": SERIES.rename(columns={"timestamp": "when", "target": "y"}),
        "wide": SERIES.pivot(index="timestamp", columns="item_id", values="target").reset_index(),
        "zone words": SERIES.assign(timestamp=times.astype(str) + " CET"),
        "day first": SERIES.assign(timestamp=times.dt.strftime("%d/%m/%Y %H:%M")),
        "off the grid": SERIES.assign(timestamp=times + late),
        "array": SERIES["target"].to_numpy().reshape(3, 60),
        "channels": np.zeros((2, 3, 40)),
        "commas": SERIES.assign(target=SERIES["target"].map("{:.2f}".format).str.replace(".", ",")),
        "a column": SERIES["target"],
        "entries": [{"target": np.arange(60.0), "start": pd.Period("2024-01-01", "D"),
                     "feat_dynamic_real": np.zeros((1, 60))}],
    }  # fmt: skip


def bad_events():
    """Tables that a reader of events has advice for."""
    times = EVENTS["timestamp"]
    stray = times.mask(times.index == 3, pd.Timestamp("1971-01-01"))
    return {
        "missing id": EVENTS.assign(user_id=EVENTS["user_id"].mask(EVENTS.index == 2)),
        "bad time": EVENTS.assign(timestamp=times.astype(str).mask(EVENTS.index == 2, "soon")),
        "day first": EVENTS.assign(timestamp=times.dt.strftime("%d/%m/%Y")),
        "numbers": EVENTS.assign(timestamp=range(90)),
        "numbers as text": EVENTS.assign(timestamp=[str(1_700_000_000 + k) for k in range(90)]),
        "other names": EVENTS.rename(columns={"user_id": "who", "timestamp": "when"}),
        "no value": EVENTS.assign(value=np.nan),
        "stray": EVENTS.assign(timestamp=stray),
        "twice": pd.concat([EVENTS, EVENTS[:5]]),
        "zone words": EVENTS.assign(timestamp=times.astype(str) + " CET"),
    }


@pytest.fixture(scope="module")
def models():
    kinds = {"series": "psa-gan-default", "events": "rim-popularity"}
    return {kind: tsgen.load(SAVED / name / "saved") for kind, name in kinds.items()}


def calls_of_series(synthesizer):
    quick = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    psagan = tsgen.PSAGANEstimator(target_length=8, num_steps=2, batch_size=4, channels=(4,))
    context = PSAGANForecastEstimator(
        prediction_length=4, context_length=8, num_steps=2, batch_size=4, channels=(4,)
    )
    return [
        (psagan.train, lambda call, bad: call(bad, options=quick)),
        (context.train, lambda call, bad: call(bad, options=quick)),
        (tsgen.augment, lambda call, bad: call(bad, synthesizer, ratio=0.5)),
        (synthesizer.sample, lambda call, bad: call(3, like=bad, seed=1)),
        (tsgen.to_dataset, lambda call, bad: call(bad)),
    ]


def calls_of_events(model):
    rim = tsgen.RIMEstimator(horizon="7D", relevance="popularity", activity="popularity")
    quick = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    item = model.items.ids[0]
    listed = pd.DataFrame({"user_id": EVENTS["user_id"].unique()[:4]})
    people = pd.DataFrame({"user_id": EVENTS["user_id"].unique()}).assign(sex=["f", "m", "f"] * 3)
    return [
        (rim.train, lambda call, bad: call(bad, options=quick)),
        (model.audience, lambda call, bad: call(item, size=2, events=bad)),
        (model.recommend, lambda call, bad: call(size=2, events=bad)),
        (model.scores, lambda call, bad: call(events=bad)),
        (model.update, lambda call, bad: call(bad)),
        (evaluate_audience, lambda call, bad: call(model, bad)),
        (bias_report, lambda call, bad: call(listed, people, facets="sex", outcomes=bad, draws=2)),
        (tsgen.Interactions.from_frame, lambda call, bad: call(bad)),
        (as_interactions, lambda call, bad: call(bad)),
    ]


@pytest.mark.parametrize("kind", ["series", "events"])
def test_bad_data_are_refused_in_arguments_of_the_call_or_of_a_named_reader(kind, models):
    calls = {"series": calls_of_series, "events": calls_of_events}[kind](models[kind])
    inputs = {"series": bad_series, "events": bad_events}[kind]()
    said = [
        (call.__qualname__, name, message)
        for call, give in calls
        for name, bad in inputs.items()
        for message in messages(give, call, bad)
        if others(message, call)
    ]
    assert not said
    heard = [
        m for call, give in calls for bad in inputs.values() for m in messages(give, call, bad)
    ]
    assert sum("=" in message for message in heard) > len(inputs)


IMPOSSIBLE = (-1, "no such thing", [], 0.5)


def hostile_calls(models):
    """Every argument of the calls people make, once with each of a few values that do not fit."""
    synthesizer, rim = models["series"], models["events"]
    good, item = tsgen.to_dataset(SERIES), rim.items.ids[0]
    listed = pd.DataFrame({"user_id": EVENTS["user_id"].unique()[:4]})
    people = pd.DataFrame({"user_id": EVENTS["user_id"].unique()}).assign(sex=["f", "m", "f"] * 3)
    calls = [
        (synthesizer.sample, (2,), {}),
        (tsgen.augment, (good, synthesizer), {"ratio": 0.5}),
        (rim.audience, (item,), {"size": 2}),
        (rim.recommend, (), {"size": 2}),
        (rim.scores, (), {}),
        (bias_report, (listed, people), {"facets": "sex", "draws": 2}),
        (series_bias, (good, good), {"facets": "x", "draws": 2}),
        (compare_audiences, (listed, listed), {}),
        (tsgen.rebalance, (rim, item), {"facets": "sex", "size": 2}),
        (tsgen.to_dataset, (SERIES,), {}),
        (tsgen.Interactions.from_frame, (EVENTS,), {}),
        (tsgen.PSAGANEstimator, (), {"target_length": 8}),
        (tsgen.RIMEstimator, (), {"horizon": "7D"}),
        (tsgen.TrainingOptions, (), {}),
    ]
    for call, args, options in calls:
        names = list(inspect.signature(call).parameters)
        for name in names[len(args) :]:
            for value in IMPOSSIBLE:
                yield call, args, options | {name: value}


def test_impossible_arguments_are_refused_in_arguments_of_the_call(models):
    said = []
    for call, args, options in hostile_calls(models):
        with contextlib.suppress(MemoryError):
            said += [
                (call.__qualname__, options, message)
                for message in messages(call, *args, **options)
                if others(message, call)
            ]
    assert not said
