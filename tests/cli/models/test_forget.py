"""`tsgen forget`: who is gone, who stays as they were, and what a file of ids may look like."""

import os

import pandas as pd
import pytest

import tsgen
from command_line import answer, fail, succeed
from tsgen.data import hashed_id


def test_users_are_gone_and_the_others_stay_as_they_were(shop, tmp_path):
    (tmp_path / "gone.csv").write_text("user_id,why\n3,moved\n17,asked\n3,twice\n")
    before = tsgen.load(shop / "model").audience("tea", size=30).set_index("user_id")
    facts = answer("forget", shop / "model", "-o", tmp_path / "m", "--id", 5, "--ids",
                   tmp_path / "gone.csv")  # fmt: skip
    assert facts == {"model": str(tmp_path / "m"), "forgotten": 3, "left": 27, "hashed": False}
    after = tsgen.load(tmp_path / "m").audience("tea", size=30).set_index("user_id")
    assert set(before.index) - set(after.index) == {3, 5, 17}
    numbers = before.columns.drop("rank")
    pd.testing.assert_frame_equal(after[numbers], before.loc[after.index, numbers])
    told = succeed("forget", tmp_path / "m", "-o", tmp_path / "m", "--id", 4, "--overwrite").stdout
    assert "1 forgotten, 26 left" in told
    assert 4 not in tsgen.load(tmp_path / "m").states.users.ids


def test_a_model_of_series_forgets_them_and_keeps_digests(place, tmp_path):
    (tmp_path / "salt").write_text("sixteen letters and more\n")
    words = ["forget", place / "model", "-o", tmp_path / "m", "--id", "series-1"]
    facts = answer(*words, "--hash-ids", tmp_path / "salt")
    assert (facts["forgotten"], facts["left"], facts["hashed"]) == (1, 2, True)
    wanted = [hashed_id(f"series-{k}", "sixteen letters and more") for k in (0, 2)]
    assert list(tsgen.load(tmp_path / "m").table.item_ids) == wanted


def test_what_nobody_knows_is_refused_and_nothing_is_written(shop, place, tmp_path):
    assert "There is no user '99'" in fail(
        "forget", shop / "model", "-o", tmp_path / "m", "--id", 99
    )
    words = ["forget", place / "model", "-o", tmp_path / "m"]
    assert "There is no item 'series-9'" in fail(*words, "--id", "series-9")
    assert "Nothing to forget" in fail(*words)
    assert "No series would be left" in fail(*words, *(f"--id=series-{k}" for k in range(3)))
    os.mkfifo(tmp_path / "pipe")
    assert "is a pipe" in fail(*words, "--hash-ids", tmp_path / "pipe")
    assert not (tmp_path / "m").exists()


def test_hashed_users_are_asked_for_by_their_digests(shop, tmp_path):
    (tmp_path / "salt").write_text("sixteen letters and more")
    answer("forget", shop / "model", "-o", tmp_path / "m", "--hash-ids", tmp_path / "salt")
    model = tsgen.load(tmp_path / "m")
    assert hashed_id(5, "sixteen letters and more") in model.states.users.ids
    with pytest.raises(tsgen.TsgenError, match="no user"):
        model.recommend(5)
    assert not any(str(k) in pd.Index(model.states.users.ids) for k in range(30))


def test_a_model_of_digests_forgets_by_ids_and_salt_and_takes_no_plain_log(shop, tmp_path):
    (tmp_path / "salt").write_text("sixteen letters and more\n")
    salted = ["--hash-ids", tmp_path / "salt"]
    answer("forget", shop / "model", "-o", tmp_path / "m", *salted)
    assert "Ids here are digests" in fail("forget", tmp_path / "m", "-o", tmp_path / "n", "--id", 5)
    facts = answer("forget", tmp_path / "m", "-o", tmp_path / "n", "--id", 5, *salted)
    assert (facts["forgotten"], facts["left"]) == (1, 29)
    users = tsgen.load(tmp_path / "n").states.users.ids
    assert hashed_id(5, "sixteen letters and more") not in users
    assert hashed_id(4, "sixteen letters and more") in users  # and no digest of a digest
    log = shop / "events.csv"
    assert "is no digest" in fail("update", tmp_path / "n", log, "-o", tmp_path / "u")
    listed = ["audience", tmp_path / "n", "--item", "tea", "--size", 3]
    assert "is no digest" in fail(*listed, "--events", log)
