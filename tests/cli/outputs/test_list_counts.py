"""What a list holds, in a sentence: of one list, and of campaigns that share users."""

from tsgen.cli.outputs import list_counts

COUNTS = {
    "wanted": 5,
    "got": 3,
    "eligible": 1200,
    "excluded": 2,
    "unknown": 1,
    "expected_events": 4.25,
    "expected_buyers": 2.5,
}


def test_a_list_says_who_is_on_it_and_who_is_not():
    said = list_counts(COUNTS)
    assert said.startswith("3 of 5 wanted, from 1,200 eligible users; 2 excluded by the list, 1 of")
    assert said.endswith("4.2 events, 2.5 users with at least one.")
    assert list_counts(COUNTS | {"wanted": None}).startswith("3, from")
    assert "expected to be worth 12.50." in list_counts(COUNTS | {"expected_spend": 12.5})


def test_a_list_says_what_its_scores_rest_on_where_not_all_rest_on_events():
    said = list_counts(COUNTS | {"basis": {"events": 2, "attributes": 1}})
    assert said.endswith("at least one; the scores rest: 2 on events, 1 on attributes.")


def test_recommendations_say_what_is_expected_of_them():
    said = list_counts({"users": 2, "got": 6, "expected_events": 3.25, "expected_pairs": 2.0})
    assert (
        said
        == "6 items for 2 users; expected: 3.2 events, 2.0 of these items turned to at least once."
    )


def test_campaigns_say_whom_they_share():
    one = {"got": 2, "expected_events": 1.0, "expected_buyers": 0.5}
    counts = {"campaigns": {"a": one, "b": one}, "users": 3, "in_several": 1, "left_out": 4}
    counts |= {"eligible": 20, "excluded": 3, "unknown": 1}
    said = list_counts(counts | {"shared": {"a & b": 1}})
    assert "a: 2 users, expected: 1.0 events" in said
    assert "1 are in several lists (1 in a & b)" in said
    assert (
        "20 eligible users, 4 are excluded or without events: 3 excluded by the list, 1 of" in said
    )
    own = counts | {"campaigns": {"a": one | {"excluded": 4, "unknown": 2}, "b": one}, "shared": {}}
    assert (
        "at least one; 4 excluded by its own list, 2 of its entries not known.\nb: 2 users, exp"
        in (list_counts(own))
    )


def test_a_campaign_says_what_it_is_expected_to_be_worth():
    one = {"got": 2, "expected_events": 1.0, "expected_buyers": 0.5, "expected_spend": 7.5}
    counts = {"campaigns": {"a": one}, "users": 3, "in_several": 1, "left_out": 4, "eligible": 20}
    said = list_counts(counts | {"excluded": 3, "unknown": 1, "shared": {}})
    assert said.startswith("a: 2 users, expected: 1.0 events, 0.5 users with at least one; they ")
    assert "expected to be worth 7.50." in said
