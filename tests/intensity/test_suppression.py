"""An opt-out list is law: nobody on it is in anything that a model puts out."""

import functools
import uuid
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tsgen
from id_writings import WRITINGS, log_of
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.errors import DataWarning
from tsgen.responsible import rebalance

N = 24
IDS = {
    "numbers": [1003 + 7 * k for k in range(N)],
    "text with zeros": [f"{13 * k:05}" for k in range(N)],
    "letters and digits": [f"u-{k:02}" for k in range(N)],
    "addresses": [f"ann.{k}@shop.example" for k in range(N)],
    "card numbers": [4_000_000_000_000_000_000 + 1_000_003 * k for k in range(N)],
    "uuids": [str(uuid.UUID(int=2**100 + 17 * k)) for k in range(N)],
    "phones and formulas": [f"+49 170 {k:04}" if k % 2 else f"=R{k}" for k in range(N)],
}
PLAN = [{"name": "hot", "items": ["tea"], "at_most": 15}, {"name": "all", "items": ["mug", "pot"]}]


@functools.cache
def model_of(kind):
    table = log_of(IDS[kind])
    group = pd.DataFrame({"user_id": IDS[kind], "group": ["a", "b"] * (N // 2)})
    events = Interactions.from_frame(table, users=group)
    estimator = RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    return estimator.train(events, options=TrainingOptions(seed=1, progress=False))


def allocated(model, campaigns=PLAN, **options):
    plan = tsgen.allocate(model, campaigns, max_campaigns=2, holdout=0.3, **options)
    return pd.concat([plan.table, plan.holdouts])


def own_list(model, exclude, **options):
    campaigns = [one | {"exclude": exclude} for one in PLAN]
    return model.audiences(campaigns, size=N, **options)


VERBS = {
    "audience": lambda m, out: m.audience("tea", size=N, exclude=out),
    "a campaign's audience": lambda m, out: m.audience(["tea", "pot"], size=N, exclude=out),
    "threshold": lambda m, out: m.audience("tea", threshold=0.0, exclude=out),
    "expected buyers": lambda m, out: m.audience("tea", expected_buyers=N, exclude=out),
    "with reasons": lambda m, out: m.audience("mug", size=N, exclude=out, why=True),
    "where": lambda m, out: m.audience("mug", size=N, exclude=out, where={"group": "a"}),
    "audiences": lambda m, out: m.audiences(["tea", "mug"], size=N, exclude=out),
    "audiences one by one": lambda m, out: m.audiences(["tea", "mug"], threshold=0, exclude=out),
    "campaigns": lambda m, out: m.audiences(PLAN, size=N, exclude=out),
    "exclusive": lambda m, out: m.audiences(PLAN, size=N, exclude=out, exclusive=True),
    "campaigns' own": own_list,
    "allocate": lambda m, out: allocated(m, exclude=out),
    "allocate, campaigns' own": lambda m, out: allocated(
        m, [one | {"exclude": out} for one in PLAN]
    ),
    "balanced": lambda m, out: (
        rebalance(m, facet="group", min_ratio=0.5, items=["tea"], size=8, exclude=out).audience
    ),
    "newer events": lambda m, out: m.audience(
        "tea", size=N, exclude=out, events=log_of(list(m.states.users.ids), seed=5)
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@settings(max_examples=12)
@given(kind=st.sampled_from(list(IDS)), data=st.data())
def test_nobody_excluded_is_in_an_output(verb, kind, data):
    places = data.draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=9, unique=True))
    ways = data.draw(st.lists(st.sampled_from(list(WRITINGS)), min_size=9, max_size=9))
    meant = [IDS[kind][place] for place in places]
    written = [WRITINGS[way](one) for way, one in zip(ways, meant, strict=False)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        table = VERBS[verb](model_of(kind), written)
    listed = set(table["user_id"])
    assert listed
    assert not listed & set(meant), (written, meant)


@pytest.mark.parametrize("verb", VERBS)
def test_who_is_on_no_list_is_in_the_output(verb):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        table = VERBS[verb](model_of("numbers"), [IDS["numbers"][3]])
    assert len(set(table["user_id"])) > (7 if verb == "balanced" else 10)


@pytest.mark.parametrize("dtype", ["float16", "float32", "Float32", "float64"])
def test_floats_too_short_for_an_id_leave_out_all_that_they_may_mean(dtype):
    users = [30_001 + k for k in range(N)] if dtype == "float16" else [2**24 + k for k in range(N)]
    events = Interactions.from_frame(log_of(users))
    estimator = RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    model = estimator.train(events, options=TrainingOptions(seed=1, progress=False))
    column = pd.Series(users[5:7], dtype=dtype)
    scalars = list(np.array(users[5:7], dtype.lower()))
    for written in (column, scalars, column.to_numpy()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            listed = set(model.audience("tea", size=N, exclude=written)["user_id"])
        assert not listed & set(users[5:7])
        assert (dtype == "float64") == (len(listed) == N - 2)


def test_what_came_of_a_list_is_stated_by_every_verb():
    model = model_of("numbers")
    known = IDS["numbers"]
    with pytest.warns(DataWarning, match="1 of 3 users to exclude are not known"):
        counts = model.audiences(PLAN, size=N, exclude=[known[0], known[1], 5]).attrs["counts"]
    stated = {name: counts[name] for name in ("excluded", "unknown", "eligible")}
    assert stated == {"excluded": 2, "unknown": 1, "eligible": N - 2}
    assert counts["campaigns"]["hot"]["wanted"] == 15
    with pytest.warns(DataWarning, match="1 of 3 users to exclude are not known"):
        plan = tsgen.allocate(model, PLAN, exclude=[known[0], known[1], 5])
    assert "2 users excluded by the list, 1 of its entries not known; 22 of 24" in plan.answer
    assert "excluded" not in tsgen.allocate(model, PLAN).answer
