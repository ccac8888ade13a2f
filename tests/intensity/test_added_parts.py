"""A new part of a RIM is one class and one line of its registry: nothing else knows its name."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import Field

import tsgen
from command_line import answer, fail, succeed
from small_shop import QUIET, log, read
from tsgen.intensity.activity import ACTIVITIES, ActivityPart
from tsgen.intensity.activity.base import Dispersed
from tsgen.intensity.parts import ArrayFields, PartKind
from tsgen.intensity.relevance import RELEVANCES, RelevancePart


@dataclass(frozen=True, kw_only=True)
class FittedToy(Dispersed):
    share: float

    def state(self, histories):
        return histories.lengths[:, None].astype(float)

    def intensity(self, state, elapsed=0.0):
        return self.share * state[:, 0]


@dataclass(frozen=True)
class ToyActivity(ActivityPart):
    """A share of the events so far."""

    share: Annotated[float, Field(gt=0)] = 0.5

    def fit(self, histories, horizon, options=None):
        return FittedToy(share=self.share)

    def from_arrays(self, arrays, saved):
        return FittedToy.from_arrays(arrays)


@dataclass(frozen=True)
class FittedBoosted(ArrayFields):
    item_factors: np.ndarray
    item_bias: np.ndarray

    def users(self, histories):
        n = len(histories)
        return np.zeros((n, 0), np.float32), np.zeros(n, np.float32)


@dataclass(frozen=True)
class ToyRelevance(RelevancePart):
    """Every item alike, but one that is so many times as likely."""

    item: int = 0
    times: float = 1.0

    def fit(self, histories, horizon, options, *, held_out):
        counts = histories.pair_counts().sum(axis=0)
        weights = (counts > 0) * np.where(np.arange(len(counts)) == self.item, self.times, 1.0)
        with np.errstate(divide="ignore"):
            bias = np.log(weights / weights.sum()).astype(np.float32)
        return FittedBoosted(np.zeros((len(counts), 0), np.float32), bias)

    def from_arrays(self, arrays, saved):
        return FittedBoosted.from_arrays(arrays)


@pytest.fixture
def added(monkeypatch):
    """The one line of each registry."""
    monkeypatch.setitem(ACTIVITIES.kinds, "toy", PartKind(ToyActivity))
    monkeypatch.setitem(RELEVANCES.kinds, "toy", PartKind(ToyRelevance))


@pytest.fixture
def table(tmp_path):
    log(size=400).to_csv(tmp_path / "log.csv", index=False)
    return tmp_path / "log.csv"


ACTIVITY, RELEVANCE = {"model": "toy", "share": 0.25}, {"model": "toy", "item": 3, "times": 6.0}
PLAIN = {"horizon": "10D", "repeats": "none"}


def in_python():
    return tsgen.RIMEstimator(**PLAIN, activity=ACTIVITY, relevance=RELEVANCE).train(
        read(log(size=400)), options=QUIET
    )


def test_it_is_set_trained_saved_and_loaded_in_python(added, tmp_path):
    model = in_python()
    assert model.settings.activity_model() == ToyActivity(0.25)
    assert model.parts.activity.share == 0.25
    counts = read(log(size=400)).lengths
    audience = model.audience(103, size=40)  # the item at place 3
    shares = audience.set_index("user_id")["activity"]
    expected = pd.Series(0.25 * counts, model.states.users.ids).loc[shares.index]
    np.testing.assert_allclose(shares, expected, rtol=1e-6)
    np.testing.assert_allclose(audience["relevance"], 6 / 17, rtol=1e-5)  # 12 items had events
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(tsgen.load(tmp_path / "model").audience(103, size=40), audience)


@pytest.mark.parametrize("by", ["set", "toml"])
def test_it_is_set_from_the_command_line_and_from_a_file(added, table, tmp_path, by):
    given = {"set": ["--set", "horizon=10D", "--set", "repeats=none"]}
    for name, part in (("activity", ACTIVITY), ("relevance", RELEVANCE)):
        for key, value in part.items():
            given["set"] += ["--set", f"{name}.{key}={value}"]
    lines = ['horizon = "10D"', 'repeats = "none"']
    for name, part in (("activity", ACTIVITY), ("relevance", RELEVANCE)):
        lines += [f"[{name}]", *(f"{key} = {value!r}" for key, value in part.items())]
    (tmp_path / "rim.toml").write_text("\n".join(lines), encoding="utf-8")
    given["toml"] = ["--config", tmp_path / "rim.toml"]
    place = tmp_path / "model"
    succeed("train", "rim", table, "-o", place, *given[by], "--seed", "3")
    listed = succeed("audience", place, "--item", "103", "--size", "5").stdout.splitlines()
    wanted = in_python().audience(103, size=5)
    assert [line.split(",")[0] for line in listed[1:]] == list(wanted["user_id"])
    settings = answer("inspect", place)["settings"]
    assert settings["activity"] == ACTIVITY
    assert settings["relevance"] == RELEVANCE


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("activity.model=tyo", "Did you mean 'toy'"),
        ("activity.share=-1", "share=-1 is not possible"),
        ("activity.shares=1", "no setting 'shares'. Did you mean 'share'"),
    ],
)
def test_its_settings_are_checked_as_those_of_any_part(added, table, tmp_path, setting, message):
    words = ["--set", "horizon=10D", "--set", setting]
    if not setting.startswith("activity.model="):
        words += ["--set", "activity.model=toy"]
    assert message in fail("train", "rim", table, "-o", tmp_path / "model", *words)


def test_a_part_as_an_object_needs_no_name(tmp_path):
    """What is passed as it is, is taken as it is; only saving wants a line of the registry."""
    part = replace(ToyActivity(), share=0.75)
    settings = tsgen.RIMEstimator(**PLAIN, activity=part, relevance="popularity")
    model = settings.train(read(log(size=400)), options=QUIET)
    assert model.parts.activity.share == 0.75
