"""`tsgen train tabular-encoder`, and the models that are handed what it has learnt."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from command_line import TINY, fail, run, succeed
from tsgen.data import simulate_series

QUICK = ["--set", "num_steps=2", "--set", "width=8", "--seed", 1]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a log, tables of some users and items, and encoders of wider tables."""
    place, draw = tmp_path_factory.mktemp("encoders"), np.random.default_rng(0)
    users = pd.DataFrame({"user_id": range(90), "country": draw.choice(["DE", "AT", "CH"], 90)})
    items = pd.DataFrame({"item_id": range(60), "kind": draw.choice(["tea", "jam", "oil"], 60)})
    for name, table, some in (("users", users, 70), ("items", items, 12)):
        table.to_csv(place / f"all_{name}.csv", index=False)
        table.head(some).to_csv(place / f"{name}.csv", index=False)
        ids = f"{name[:-1]}_id"
        words = [place / f"all_{name}.csv", "--leave-out", ids, "-o", place / f"of_{name}", *QUICK]
        assert "trained on " in succeed("train", "tabular-encoder", *words).stdout
    hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(900), "h")
    log = {"user_id": draw.integers(0, 60, 900), "item_id": draw.integers(0, 9, 900)}
    pd.DataFrame(log | {"timestamp": hours}).to_csv(place / "log.csv", index=False)
    return place


def rim(made, tmp_path, *more):
    """Return the words of a training on the log and both tables."""
    words = ["train", "rim", made / "log.csv", "-o", tmp_path / "m", "--set", "horizon=3D"]
    words += ["--read", f"users={made}/users.csv", "--read", f"items={made}/items.csv"]
    return [*words, "--set", "relevance=popularity", "--seed", 1, *more]


def test_a_rim_takes_encoders_of_users_and_of_items(made, tmp_path):
    words = ["--user-encoder", made / "of_users", "--item-encoder", made / "of_items"]
    words += ["--set", "new_users=encoder", "--set", "new_items=encoder"]
    succeed(*rim(made, tmp_path, *words))
    model, own = tsgen.load(tmp_path / "m"), tsgen.load(made / "of_users")
    held = model.parts.new_users.numbers.description
    users = pd.read_csv(made / "all_users.csv")
    np.testing.assert_array_equal(held.transform(users), own.transform(users))


def test_a_psa_gan_takes_one_of_series(made, tmp_path):
    shops = pd.DataFrame({"shop": [*"abcd"] * 5})
    shops.to_csv(tmp_path / "shops.csv", index=False)
    words = ["train", "tabular-encoder", tmp_path / "shops.csv", "-o", tmp_path / "e", *QUICK]
    succeed(*words)
    series = simulate_series(num_series=3, length=72, seed=1).to_frame()
    series["shop"] = series["item_id"].map(lambda name: "ab"[int(str(name)[-1]) % 2])
    series.to_csv(tmp_path / "load.csv", index=False)
    words = ["train", "psa-gan", tmp_path / "load.csv", "-o", tmp_path / "m", "--seed", 1, *TINY]
    words += ["--read", "static=shop", "--encoder", tmp_path / "e"]
    succeed(*words, "--set", "statics=encoder")
    assert tsgen.load(tmp_path / "m").data.static_categories == (("a", "b", "c", "d"),)
    said = fail(*words, "--overwrite")
    assert "An encoder (--encoder) is read with statics='encoder', which is 'embedded'" in said
    again = ["train", "psa-gan", tmp_path / "load.csv", "-o", tmp_path / "n", "--seed", 1]
    said = fail(*again, "--from", tmp_path / "m", "--encoder", tmp_path / "e")
    assert "--encoder has no effect with --from" in said


def test_what_does_not_fit_is_refused(made, tmp_path):
    users = made / "of_users"
    said = fail(*rim(made, tmp_path, "--user-encoder", users))
    assert "An encoder (--user-encoder) is read with new_users='encoder'" in said
    said = fail(*rim(made, tmp_path, "--user-encoder", made, "--set", "new_users=encoder"))
    assert "is not a tsgen model" in said
    market = ["--market", "country=DE", "--graph", made / "users.csv"]
    said = fail(*rim(made, tmp_path, "--user-encoder", users, *market))
    assert "--user-encoder has no effect with --market" in said
    said = fail(*rim(made, tmp_path, "--user-encoder", users, "--sample-users", 20))
    assert "--user-encoder has no effect with --sample-users" in said
    table = made / "all_users.csv"
    said = fail("train", "tabular-encoder", table, "--leave-out", "id", "-o", tmp_path / "e")
    assert "has no column 'id' to leave out; it has user_id, country." in said


def test_what_an_encoder_is_can_be_asked(made):
    said = succeed("inspect", made / "of_users").stdout
    assert "a tabular-encoder model" in said
    assert "country" in said
    settings = run("train", "tabular-encoder", "none.csv", "-o", "m", "--dry-run", *QUICK[:2])
    assert '"num_steps": 2' in settings.stdout
