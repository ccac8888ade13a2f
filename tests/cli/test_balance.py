"""`tsgen audience --facet`: the demand holds within the filters, and its price is said."""

import pandas as pd
import pytest

from command_line import answer, fail, succeed

PEOPLE = pd.DataFrame({"user_id": range(30), "sex": ["f", "m", "m"] * 10})


@pytest.fixture
def people(tmp_path):
    PEOPLE.to_csv(tmp_path / "users.csv", index=False)
    return tmp_path / "users.csv"


def listed(shop, *words):
    return answer("audience", shop / "model", "--item", "tea", "--size", 9, *words)


def test_a_share_holds_within_the_filters_and_the_price_is_the_difference(shop, people, tmp_path):
    (tmp_path / "out.txt").write_text("0\n3\n")
    later = pd.DataFrame({"user_id": range(30), "item_id": "tea", "timestamp": "2024-03-02"})
    later.to_csv(tmp_path / "later.csv", index=False)
    words = ["--exclude", tmp_path / "out.txt"]
    plain = listed(shop, *words)
    demand = ["--facet", "sex=f", "--min-share", 0.6, "--users", people]
    fair = listed(shop, *words, *demand, "--outcomes", tmp_path / "later.csv")
    women = [row["user_id"] for row in fair["rows"] if row["group"] == "sex=f"]
    assert len(women) == 6  # 0.6 of 9, rounded up
    assert not {0, 3} & set(women)
    assert all(user % 3 == 0 for user in women)
    assert [row["rank"] for row in fair["rows"]] == list(range(1, 10))
    lost = plain["counts"]["expected_events"] - fair["counts"]["expected_events"]
    assert fair["price"]["lost"] == pytest.approx(lost)
    assert fair["price"]["realised before"] == fair["price"]["realised after"] == 9
    assert {row["group"] for row in fair["groups"]} == {"sex=f", "others"}
    assert plain["counts"]["eligible"] == fair["counts"]["eligible"] == 28


def test_the_name_of_a_facet_and_of_its_groups_changes_nothing(shop, people, tmp_path):
    renamed = PEOPLE.rename(columns={"sex": "sect"}).replace({"sect": {"f": "zz", "m": "unknown"}})
    renamed.to_csv(tmp_path / "other.csv", index=False)
    ratio = ["--min-ratio", 0.9, "--users"]
    first = listed(shop, "--facet", "sex", *ratio, people)
    second = listed(shop, "--facet", "sect", *ratio, tmp_path / "other.csv")
    assert [row["user_id"] for row in first["rows"]] == [row["user_id"] for row in second["rows"]]
    assert first["price"] == second["price"]


def test_the_price_is_said_beside_the_list(shop, people, tmp_path):
    words = ["--item", "tea", "--size", 9, "--facet", "sex=f", "--min-ratio", 1, "--users", people]
    done = succeed("audience", shop / "model", *words, "-o", tmp_path / "list.csv")
    assert "expected engagements fall from" in done.stderr
    assert "share_after" in done.stderr
    table = pd.read_csv(tmp_path / "list.csv")
    assert {"group", "swapped", "probability", "activity"} <= set(table)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--facet", "sex=f", "--min-share", 1, "--size", 20], "but only 10 of them may be listed"),
        (["--facet", "sex=f", "--size", 5], "--min-ratio or --min-share|min_ratio or min_share"),
        (["--facet", "sexx", "--size", 5, "--min-ratio", 0.5], "'sexx'.*Did you mean 'sex'"),
        (["--facet", "sex=x", "--size", 5, "--min-ratio", 0.5], "Nobody is in the group"),
        (["--facet", "sex=f", "--size", 5, "--min-ratio", 1.5], "--min-ratio 1.5 is not possible"),
        (["--facet", "sex=f", "--min-ratio", 0.5], "and --size"),
    ],
)
def test_what_cannot_be_met_says_why(shop, people, words, said):
    message = fail("audience", shop / "model", "--item", "tea", "--users", people, *words)
    assert pd.Series([message]).str.contains(said).all(), message


def test_demands_without_a_facet_are_refused(shop, people):
    words = ["audience", shop / "model", "--item", "tea", "--size", 5]
    assert "--min-ratio has no effect without --facet" in fail(*words, "--min-ratio", 0.5)
    assert "--users has no effect without --facet" in fail(*words, "--users", people)
    asked = ["--facet", "sex=f", "--min-ratio", 0.5, "--users", people]
    assert "balances one list" in fail(*words, *asked, "--expected-buyers", 2)
    assert "give --users" in fail(*words, "--facet", "sex", "--min-ratio", 0.5)
