"""Users who are forgotten, and ids that are digests: the numbers of all others stay."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tsgen
from tsgen.cli.main import app
from tsgen.data import Interactions, hash_users, hashed_id
from tsgen.errors import DataError, UnknownIdError
from tsgen.intensity.joined_logs import joined_logs

SALT = "a long and secret text"


@pytest.fixture(scope="module")
def log():
    draw = np.random.default_rng(0)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(draw.uniform(0, 60, 600)), "D")
    users = [f"user-{k:02d}" for k in draw.integers(0, 30, 600)]
    table = pd.DataFrame({"user_id": users, "item_id": draw.integers(0, 9, 600), "timestamp": days})
    attributes = pd.DataFrame({"user_id": sorted(set(users))})
    attributes["age"] = np.arange(len(attributes))
    return Interactions.from_frame(table, users=attributes)


@pytest.fixture(scope="module", params=["learned", "popularity"])
def model(log, request):
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="learned")
    if request.param == "popularity":
        estimator = tsgen.RIMEstimator(horizon="7D", relevance="als", repeats="none")
    return estimator.train(log, options=tsgen.TrainingOptions(seed=1))


def written(folder):
    """Return all that a folder holds, as one text."""
    tables = [pd.read_parquet(path).astype(str).to_csv() for path in folder.glob("*.parquet")]
    rest = [p.read_bytes().decode("latin-1") for p in folder.iterdir() if p.suffix != ".parquet"]
    return "".join(tables + rest)


def test_the_others_keep_their_numbers_and_the_forgotten_are_gone(model, tmp_path):
    gone = ["user-03", "user-17"]
    left = model.forget(gone)
    before = model.audience(3, size=30).set_index("user_id")
    after = left.audience(3, size=28).set_index("user_id")
    kept = [user for user in before.index if user not in gone]
    columns = ["intensity", "probability", "activity", "relevance"]
    pd.testing.assert_frame_equal(after.loc[kept, columns], before.loc[kept, columns])
    with pytest.raises(UnknownIdError, match="no user 'user-03'"):
        left.recommend("user-03")
    left.save(tmp_path / "m")
    words = written(tmp_path / "m")
    assert "user-04" in words
    assert not any(user in words for user in gone)
    assert list(left.user_table["age"]) == [k for k in range(30) if k not in (3, 17)]
    again = tsgen.load(tmp_path / "m")
    assert again.recommend("user-04", size=3).equals(left.recommend("user-04", size=3))
    seen = again.recommend("user-04", exclude_seen=True)["item_id"]
    assert list(seen) == list(model.recommend("user-04", exclude_seen=True)["item_id"])


def test_unknown_users_and_everybody_are_refused(model):
    with pytest.raises(UnknownIdError):
        model.forget("nobody")
    with pytest.raises(DataError, match="Nobody would be left"):
        model.forget(list(model.states.users.ids))


def test_a_hashed_model_says_the_same_of_digests(model, tmp_path):
    hidden = model.hashed(SALT)
    hidden.save(tmp_path / "m")
    assert "user-" not in written(tmp_path / "m")
    loaded = tsgen.load(tmp_path / "m")
    for user in ("user-00", "user-29"):
        shown = loaded.recommend(hashed_id(user, SALT), size=4)
        pd.testing.assert_frame_equal(shown, model.recommend(user, size=4))
    ids = list(loaded.states.users.ids)
    assert ids == sorted(ids)  # the order tells nothing
    names = {hashed_id(user, SALT): user for user in model.states.users.ids}
    audience = loaded.audience(3, size=5)["user_id"].map(names)
    assert list(audience) == list(model.audience(3, size=5)["user_id"])


def test_plain_events_never_join_a_model_of_digests(model, log):
    """Each user would be two, the second one with the plain id."""
    hidden, told = model.hashed(SALT), "hash both with the same salt"
    table = log.to_frame()
    table["timestamp"] += pd.Timedelta(days=61)
    later = Interactions.from_frame(table)
    with pytest.raises(DataError, match=told):
        hidden.audience(3, size=5, events=log)
    with pytest.raises(DataError, match=told):
        hidden.update(later)
    with pytest.raises(DataError, match=told):
        hidden.update(hash_users(later, SALT), log=log)
    with pytest.raises(DataError, match=told):
        joined_logs(log, hash_users(log, SALT))


def test_a_hashed_log_trains_to_the_same_numbers(log):
    hidden = hash_users(log, SALT)
    assert len(hidden) == len(log)
    for user in ("user-00", "user-11"):
        own, other = log.history(user), hidden.history(hashed_id(user, SALT))
        pd.testing.assert_frame_equal(
            own[["item_id", "timestamp"]], other[["item_id", "timestamp"]]
        )
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    both = [estimator.train(each, options=tsgen.TrainingOptions(seed=1)) for each in (log, hidden)]
    pd.testing.assert_frame_equal(
        both[0].recommend("user-05", size=9), both[1].recommend(hashed_id("user-05", SALT), size=9)
    )


def test_the_command_line_hashes_with_a_salt_from_a_file(log, tmp_path):
    log.to_frame().to_csv(tmp_path / "log.csv", index=False)
    (tmp_path / "salt.txt").write_text(SALT + "\n")
    words = ["train", "rim", tmp_path / "log.csv", "-o", tmp_path / "m", "--seed", "1"]
    words += ["--set", "horizon=7D", "--set", "relevance=popularity", "--set", "repeats=none"]
    words += ["--read", f"hash_users={tmp_path / 'salt.txt'}"]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    words = ["recommend", tmp_path / "m", "--user", hashed_id("user-05", SALT), "--json"]
    shown = CliRunner().invoke(app, [str(word) for word in words])
    assert len(json.loads(shown.stdout)["rows"]) == 9
