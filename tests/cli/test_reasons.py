"""`--why` gives facts, `--why shapley` a sentence a user, in every kind of list."""

import pytest

import tsgen
from command_line import answer, fail
from tsgen.cli.reasons import with_plain_why
from tsgen.responsible import explain_scores

FACTS = {"times_bought", "days_since_bought", "days_since_last", "similar_bought"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--why", "--why facts"),
        ("--why --size 3", "--why facts --size 3"),
        ("m --why shapley", "m --why shapley"),
        ("--why facts m", "--why facts m"),
        ("--why m", "--why facts m"),
    ],
)
def test_a_bare_flag_asks_for_facts(words, expected):
    assert with_plain_why(words.split()) == expected.split()


def test_facts_come_with_the_bare_flag_and_sentences_on_request(shop):
    list_ = ["audience", shop / "model", "--item", "tea", "--size", 3]
    facts = answer(*list_, "--why")["rows"]
    assert set(facts[0]) >= FACTS
    assert "why" not in facts[0]
    rows = answer(*list_, "--why", "shapley")["rows"]
    assert set(rows[0]) >= FACTS
    expected = tsgen.load(shop / "model").audience("tea", size=3, why="shapley")["why"]
    assert [row["why"] for row in rows] == expected.tolist()


def test_lists_of_many_items_and_balanced_ones_are_explained_too(shop, tmp_path):
    (tmp_path / "items.txt").write_text("mug\ntea\n")
    model = tsgen.load(shop / "model")
    words = ["--items", tmp_path / "items.txt", "--size", 2, "--why", "shapley"]
    stacked = answer("audience", shop / "model", *words)["rows"]
    for item, rows in (("mug", stacked[:2]), ("tea", stacked[2:])):
        alone = model.audience(item, size=2, why="shapley")
        assert [row["why"] for row in rows] == alone["why"].tolist()
    (tmp_path / "users.csv").write_text(
        "user_id,sex\n" + "".join(f"{k},{'mf'[k % 2]}\n" for k in range(30))
    )
    words = ["--item", "tea", "--size", 4, "--why", "shapley", "--facet", "sex=f"]
    words += ["--min-share", 0.5, "--users", tmp_path / "users.csv"]
    fair = answer("audience", shop / "model", *words)["rows"]
    users = [row["user_id"] for row in fair]
    why = explain_scores(model, "tea", users).sentences()
    assert [row["why"] for row in fair] == why


def test_what_is_no_choice_is_refused(shop):
    words = ["audience", shop / "model", "--item", "tea", "--size", 3, "--why=because"]
    assert "use facts or shapley" in fail(*words)
    newer = ["--why", "shapley", "--events", shop / "events.csv"]
    said = fail("audience", shop / "model", "--item", "tea", "--size", 3, *newer)
    assert "--why shapley explains by the events that the model keeps" in said
