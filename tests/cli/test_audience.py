import json

import pandas as pd
import pytest

import tsgen
from command_line import run


def test_names_given_for_the_log_hold_for_every_file_beside_it(shop, tmp_path):
    names = {"user_id": "Kunde", "item_id": "Artikel", "timestamp": "Datum"}
    table = pd.read_csv(shop / "events.csv").rename(columns=names)
    table.to_csv(tmp_path / "log.csv", index=False)
    new = table.tail(30).assign(Kunde=99)
    pd.concat([table, new]).to_parquet(tmp_path / "newer.parquet")
    (tmp_path / "stop.csv").write_text("Grund,Kunde\nmoved,99.0\nleft, 3\n")
    (tmp_path / "items.csv").write_text("Artikel,Preis\ntea,3\nmug,4\n")
    (tmp_path / "users.csv").write_text("Kunde,Ort\n12,Rom\n99,Bern\n")
    reading = [word for k, v in names.items() for word in ("--read", f"{k}={v}")]
    result = run("train", "rim", tmp_path / "log.csv", "-o", tmp_path / "m", "--seed", 1,
                 "--set", "horizon=7D", "--set", "relevance=popularity", *reading)  # fmt: skip
    assert result.exit_code == 0, result.output
    log, stop = ("--events", tmp_path / "newer.parquet"), ("--exclude", tmp_path / "stop.csv")
    users = users_of(run("audience", tmp_path / "m", "--item", "tea", "--size", 99, *log))
    assert {99, 3} <= users
    found = run("audience", tmp_path / "m", "--item", "tea", "--size", 99, *log, *stop)
    assert users_of(found) == users - {99, 3}
    found = run("audience", tmp_path / "m", "--items", tmp_path / "items.csv", "--size", 99, *log,
                *stop)  # fmt: skip
    assert {line.split(",")[1] for line in found.stdout.splitlines()[1:]} == {
        str(user) for user in users - {99, 3}
    }
    found = run("recommend", tmp_path / "m", "--users", tmp_path / "users.csv", "--size", 1, *log)
    assert users_of(found) == {12, 99}
    found = run("evaluate", "audience", tmp_path / "newer.parquet", "-o", tmp_path / "run",
                "--model", tmp_path / "m", "--at", "2024-02-20")  # fmt: skip
    assert "no column" not in found.output


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_an_audience_comes_as_a_table_of_the_kind_asked_for(shop, tmp_path, suffix):
    out = tmp_path / f"audience{suffix}"
    (tmp_path / "stop.txt").write_text("3\n17\n\n")
    result = run("audience", shop / "model", "--item", "tea", "--item", "007", "--size", 10,
                 "--exclude", tmp_path / "stop.txt", "-o", out)  # fmt: skip
    assert result.exit_code == 0, result.output
    reader = {".csv": pd.read_csv, ".parquet": pd.read_parquet}.get(
        suffix, lambda path: pd.read_json(path, lines=True)
    )
    model = tsgen.load(shop / "model")
    expected = model.audience(["tea", "007"], size=10, exclude=[3, 17])
    pd.testing.assert_frame_equal(reader(out), expected, check_dtype=False)


def test_many_items_are_stacked_and_recommendations_printed(shop, tmp_path):
    (tmp_path / "items.txt").write_text("mug\n007\n")
    result = run("audience", shop / "model", "--items", tmp_path / "items.txt", "--size", 4)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("item_id,user_id,rank,intensity")
    assert [line.split(",")[0] for line in lines[1:]] == ["mug"] * 4 + ["007"] * 4
    result = run("recommend", shop / "model", "--user", "12", "--size", 2, "--json")
    rows = json.loads(result.stdout)["rows"]
    expected = tsgen.load(shop / "model").recommend(12, size=2)
    assert [row["item_id"] for row in rows] == expected["item_id"].tolist()


def test_recommendations_of_many_users_are_one_table(shop, tmp_path):
    (tmp_path / "users.txt").write_text("12\n3\n")
    result = run("recommend", shop / "model", "--users", tmp_path / "users.txt", "--size", 2)
    assert result.exit_code == 0, result.output
    rows = [line.split(",")[:2] for line in result.stdout.splitlines()[1:]]
    model = tsgen.load(shop / "model")
    expected = [[str(u), i] for u in (12, 3) for i in model.recommend(u, size=2)["item_id"]]
    assert rows == expected
    assert "either --user ID or --users" in run("recommend", shop / "model").stderr


@pytest.fixture(scope="module")
def described(shop, tmp_path_factory):
    """A model that knows attributes, in files as people have them; 008 was never sold."""
    folder = tmp_path_factory.mktemp("described")
    (folder / "users.csv").write_text(
        "user_id;country;vip\n" + "".join(f"{k};{['DE', 'NA'][k % 2]};{k < 9}\n" for k in range(30))
    )
    (folder / "items.csv").write_text(
        "item_id,kind,price\ntea,food,1.0\nmug,ware,3\n007,food,2\n008,food,2\n"
    )
    tables = [f"--read={name}={folder / name}.csv" for name in ("users", "items")]
    result = run("train", "rim", shop / "events.csv", "-o", folder / "model", "--seed", 1,
                 *tables, "--set", "horizon=7D", "--set", "relevance=popularity")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder


def users_of(result):
    assert result.exit_code == 0, result.output
    return {int(line.split(",")[0]) for line in result.stdout.splitlines()[1:]}


def test_conditions_on_attributes(described):
    model = described / "model"
    found = users_of(run("audience", model, "--item", "tea", "--size", 99, "--where", "country=NA"))
    assert found == set(range(1, 30, 2))
    found = users_of(run("audience", model, "--item", "tea", "--size", 99, "--where", "vip=true",
                         "--exclude-where", "country=DE"))  # fmt: skip
    assert found == {1, 3, 5, 7}
    by_kind = run("audience", model, "--item-where", "kind=food", "--size", 5)
    by_name = run("audience", model, "--item", "tea", "--item", "007", "--item", "008", "--size", 5)
    assert by_kind.stdout == by_name.stdout
    by_price = run("audience", model, "--item-where", "price=1", "--item-where", "price=3",
                   "--size", 5)  # fmt: skip
    assert by_price.stdout == run("audience", model, "--item", "tea", "--item", "mug",
                                  "--size", 5).stdout  # fmt: skip
    result = run("recommend", model, "--user", 3, "--item-where", "kind=food", "--json")
    assert {row["item_id"] for row in json.loads(result.stdout)["rows"]} == {"tea", "007", "008"}
    result = run("audience", model, "--item", "tea", "--size", 5, "--where", "country")
    assert "--where country has no '='" in result.stderr
    result = run("audience", model, "--item", "tea", "--size", 5, "--where", "land=DE")
    assert "Users have no attribute 'land'" in result.stderr


def test_an_item_never_sold_is_scored_by_those_that_share_most_attributes(described):
    found = users_of(run("audience", described / "model", "--item", "008", "--size", 7))
    assert len(found) == 7
    assert users_of(run("audience", described / "model", "--item", "008", "--size", 99,
                        "--exclude-seen")) == set(range(30))  # fmt: skip
    assert not users_of(run("audience", described / "model", "--item", "008", "--size", 99,
                            "--exclude-seen-by", "kind"))  # fmt: skip
    result = run("recommend", described / "model", "--user", 3, "--exclude-seen")
    assert [line.split(",")[0] for line in result.stdout.splitlines()[1:]] == ["008"]


def test_newer_events_and_a_later_time_are_used(shop, tmp_path):
    events = pd.read_csv(shop / "events.csv")
    newer, out = events[events["user_id"] < 20], tmp_path / "later.parquet"
    newer.to_csv(tmp_path / "newer.csv", index=False)
    later = run("audience", shop / "model", "--item", "tea", "--size", 99, "--at", "2024-04-01",
                "--events", tmp_path / "newer.csv", "-o", out)  # fmt: skip
    assert later.exit_code == 0, later.output
    model = tsgen.load(shop / "model")
    expected = model.audience("tea", size=99, at="2024-04-01", events=newer)
    pd.testing.assert_frame_equal(pd.read_parquet(out), expected, check_dtype=False)
    now = model.audience("tea", size=99).set_index("user_id")["intensity"]
    assert len(expected) == 20
    assert (expected["intensity"].to_numpy() < now[expected["user_id"]]).any()


def test_what_is_new_alone_is_added_where_that_is_asked_for(shop, tmp_path):
    new = pd.read_csv(shop / "events.csv").head(1).assign(timestamp="2024-09-01 12:00:00")
    new.to_csv(tmp_path / "new.csv", index=False)
    words = ("audience", shop / "model", "--item", "tea", "--size", 999)
    log = ("--events", tmp_path / "new.csv")
    whole = users_of(run(*words))
    assert len(whole) > 2
    assert len(users_of(run(*words, *log))) == 1
    assert users_of(run(*words, *log, "--on-delta", "update")) == whole
    refused = run(*words, *log, "--on-delta", "error")
    assert refused.exit_code == 1
    assert "taken as whole histories" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--item", "teas", "--size", 3], "Did you mean 'tea'?"),
        (["--item", "tea"], "needs size"),
        (["--size", 3], "one of --item ID"),
        (["--item", "tea", "--size", 3, "-o", "audience.xls"], "unknown kind"),
        (["--item", "tea", "--size", 3, "--exclude", "absent.txt"], "no file or folder"),
        (["--item", "tea", "--size", 3, "--at", "2020-01-01"], "before the training cut-off"),
        (["--item", "tea", "--size", 3, "--read", "user_id=x"], "no effect without --events"),
        (["--item", "tea", "--size", 3, "--on-delta", "error"], "no effect without --events"),
        (["--item", "tea", "--size", 3, "--on-delta", "maybe"], "warn, error or update"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_1(shop, words, message):
    result = run("audience", shop / "model", *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_an_empty_list_is_said_to_be_empty(shop):
    result = run("audience", shop / "model", "--item", "tea", "--threshold", 1)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 1
    assert "The list is empty: " in result.stderr


def test_lists_of_campaigns_share_an_exclusion_and_say_what_they_share(shop, tmp_path):
    (tmp_path / "c.toml").write_text(
        '[[campaigns]]\nname = "hot"\nitems = ["tea"]\nat_most = 12\n'
        '[[campaigns]]\nname = "all"\nitems = ["mug", "007"]\n'
    )
    (tmp_path / "stop.txt").write_text("3\n17\n")
    words = ["audience", shop / "model", "--campaigns", tmp_path / "c.toml", "--size", 22,
             "--exclude", tmp_path / "stop.txt", "--json"]  # fmt: skip
    result = run(*words)
    assert result.exit_code == 0, result.output
    rows = pd.DataFrame(json.loads(result.stdout)["rows"])
    assert rows.groupby("campaign").size().to_dict() == {"all": 22, "hot": 12}
    assert not set(rows["user_id"]) & {3, 17}
    shared = rows["user_id"].duplicated().sum()
    assert shared >= 6  # 34 places, 28 users
    assert f"{shared} in hot & all" in result.stderr
    result = run(*words, "--exclusive")
    assert not pd.DataFrame(json.loads(result.stdout)["rows"])["user_id"].duplicated().any()
    assert "0 are in several lists" in result.stderr
    assert "without --campaigns" in run("audience", shop / "model", "--item", "tea", "--size", 3,
                                        "--exclusive").stderr  # fmt: skip


def test_a_list_by_expected_buyers_with_reasons(shop):
    result = run(
        "audience", shop / "model", "--item", "tea", "--expected-buyers", 4, "--why", "--json"
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert 4 <= found["counts"]["expected_buyers"] < 5
    assert {"times_bought", "days_since_bought", "similar_bought"} <= set(found["rows"][0])
