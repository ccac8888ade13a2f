"""Two logs joined are the log that both make."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import Interactions
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.intensity.joined_logs import joined_logs, log_since

QUIET = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
SETTINGS = {"horizon": "7D", "relevance": "popularity", "activity": "moving-average"}


def events(num=400, seed=0):
    draw = np.random.default_rng(seed)
    days = pd.to_timedelta(np.sort(draw.uniform(0, 60, num)), unit="D")
    return pd.DataFrame({
        "user_id": draw.integers(0, 20, num),
        "item_id": draw.choice(list("abcd"), num),
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
        "value": draw.uniform(1, 9, num).round(2),
    })  # fmt: skip


WHOLE = events()
FIRST = WHOLE[:300]
NEWER = pd.concat([WHOLE[300:], WHOLE.tail(1).assign(user_id=77, item_id="new")])
BOTH = pd.concat([FIRST, NEWER])
KINDS = pd.DataFrame({"item_id": [*"abcd"], "kind": [*"xxyy"]})


def read(table, **more):
    return Interactions.from_frame(table, on_duplicate="keep", **more)


def as_rows(log):
    return sorted(map(tuple, log.to_frame().astype(str).to_numpy()))


def test_both_logs_are_one_with_values_and_new_items():
    joined = joined_logs(read(FIRST), read(NEWER))
    assert as_rows(joined) == as_rows(read(BOTH))
    assert "new" in joined.items.ids
    assert (np.diff(joined.time)[np.diff(joined.user) == 0] >= 0).all()


def test_what_is_there_already_counts_once():
    with pytest.warns(DataWarning, match="5 of 106 new events are known already"):
        joined = joined_logs(read(FIRST), read(pd.concat([FIRST.tail(5), NEWER])))
    assert as_rows(joined) == as_rows(read(BOTH))


@pytest.mark.filterwarnings("ignore:The item table lacks")
def test_newer_attributes_go_before_older_ones():
    newer = KINDS[:2].assign(kind="z", size=[1, 2])
    joined = joined_logs(read(FIRST, items=KINDS), read(WHOLE[300:], items=newer))
    table = joined.item_table.set_index(joined.items.ids)
    assert table["kind"].to_dict() == {"a": "z", "b": "z", "c": "y", "d": "y"}
    assert table["size"].isna().tolist() == table.index.isin(["c", "d"]).tolist()


@pytest.mark.filterwarnings("ignore:The item table lacks")
def test_training_from_a_model_is_training_on_the_whole_log():
    estimator = tsgen.RIMEstimator(**SETTINGS)
    bare = FIRST.drop(columns="value")
    model = estimator.train(read(bare, items=KINDS), options=QUIET)
    further = estimator.train_from(model, read(NEWER.drop(columns="value")), options=QUIET)
    anew = estimator.train(read(BOTH.drop(columns="value"), items=KINDS), options=QUIET)
    pd.testing.assert_frame_equal(further.audience("new", size=9), anew.audience("new", size=9))
    assert further.item_table["kind"].tolist() == anew.item_table["kind"].tolist()
    assert "new" not in model.items.ids


def test_what_cannot_be_gone_on_from_says_so():
    model = tsgen.RIMEstimator(**SETTINGS).train(read(FIRST), options=QUIET)
    with pytest.warns(DataWarning, match="keeps no values of its events"):
        assert log_since(model, read(NEWER)).value is None
    assert log_since(model, read(NEWER), read(FIRST)).value is not None
    forgetful = tsgen.RIMEstimator(keep_events=False, **SETTINGS)
    with pytest.raises(DataError, match="give the training log as log="):
        forgetful.train_from(forgetful.train(read(FIRST), options=QUIET), NEWER)
    with pytest.raises(SettingsError, match="from a RIM, not from a str"):
        forgetful.train_from("model", NEWER)


def test_ids_that_are_the_text_of_older_ones_are_taken_as_those():
    older = read(FIRST)
    texts = NEWER.assign(user_id=[*NEWER["user_id"].astype(str)[:-1], "guest"])
    with pytest.warns(
        DataWarning, match=r"users of the newer events are written otherwise .*'0', k"
    ):
        both = joined_logs(older, read(texts))
    expected = joined_logs(older, read(NEWER.assign(user_id=[*NEWER["user_id"][:-1], "guest"])))
    assert as_rows(both) == as_rows(expected)
    assert [one for one in both.users.ids if isinstance(one, str)] == ["guest"]


def test_other_ways_of_writing_an_id_are_said_and_count_as_others():
    texts = NEWER.assign(user_id=NEWER["user_id"].astype(str).str.zfill(4))
    with pytest.warns(
        DataWarning, match=r"'0000', known 0\) and count as others; write them alike"
    ):
        both = joined_logs(read(FIRST), read(texts))
    assert both.num_users == 20 + texts["user_id"].nunique()
