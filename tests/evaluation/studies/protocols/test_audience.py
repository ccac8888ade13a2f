"""The protocol of audiences: precision of the lists, a hit once a pair; new pairs apart."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.evaluation.studies.protocols import audience as module
from tsgen.evaluation.studies.protocols.audience import audience

SEEN = np.array([[1, 0], [0, 0], [0, 2]])
TARGETS = np.array([[3, 0], [0, 1], [0, 1]])
SCORES = np.array([[9.0, 1.0], [2.0, 8.0], [1.0, 9.5]])


PAIRS = ("user_rec", "user_rec_new", "item_rec", "item_rec_new")


def window(targets=TARGETS, name="w"):
    events = SimpleNamespace(pair_counts=lambda: sp.csr_array(SEEN))
    return SimpleNamespace(events=events, targets=sp.csr_array(targets), facts={"name": name})


@pytest.fixture
def given(monkeypatch):
    """Windows as set, and what rows and models were asked for."""
    state = SimpleNamespace(windows=[window()], asked=[])

    def row(window, seed, **options):
        state.asked.append(("row", seed, options))
        return SCORES

    def model(window, seed, settings):
        state.asked.append(("model", seed, settings))
        return SCORES

    monkeypatch.setattr(module, "calendar_windows", lambda study, sources: state.windows)
    monkeypatch.setitem(module.ROWS, "fixed", row)
    monkeypatch.setattr(module, "model_scores", model)
    return state


def values(found):
    return {name: numbers["value"] for name, numbers in found["measures"].items()}


def test_a_hit_is_a_listed_pair_that_happened_however_often(given):
    found = audience({}, {"row": "fixed"}, 1, None)
    # One user for each item: 0 for item 0 (seen, happened), 2 for item 1 (seen, happened). One item
    # for each user: (0, 0) seen, (1, 1) new, (2, 1) seen, and all happened. Without what was seen
    # user 1 is listed for both items, and the items for users are 1, 1 and 0: (1, 1) happened.
    found_values = values(found)
    pairs = {name: found_values[name] for name in PAIRS}
    assert pairs == pytest.approx({
        "user_rec": 1.0, "user_rec_new": 1 / 2, "item_rec": 1.0, "item_rec_new": 1 / 3,
    }, abs=1e-5)  # fmt: skip
    (result,) = found["windows"]
    assert result["facts"] == {"name": "w"}


def test_measures_of_the_field_are_over_those_with_something_to_find(given):
    """User 1 buys nothing and item 0 is bought by nobody: over all, half and a third of it hits."""
    given.windows = [window(np.array([[0, 1], [0, 0], [0, 1]]))]
    found = values(audience({}, {"row": "fixed"}, 1, None))
    assert found["user_rec"] == pytest.approx(1 / 2)  # user 0 is listed for item 0, 2 for item 1
    assert found["user_rec_precision_with_targets"] == 1.0
    assert found["user_rec_recall_with_targets"] == 0.5
    assert found["item_rec"] == pytest.approx(1 / 3, abs=1e-5)  # items 0, 1 and 1
    for name in ("precision_with_targets", "recall_with_targets", "hit_rate", "ndcg", "map"):
        assert found[f"item_rec_{name}"] == pytest.approx(1 / 2), name


def test_the_draws_of_a_window_are_of_the_same_users_for_every_arm_and_select_anew(given):
    """Whoever is drawn twice takes two places of a list; so of the first two, one is listed."""
    (first,) = audience({}, {"row": "fixed"}, 1, None)["windows"]
    (again,) = audience({}, {"row": "fixed"}, 2, None)["windows"]
    assert first["drawn"] == again["drawn"]
    assert set(PAIRS) < set(first["drawn"])
    assert {len(draws.split()) for draws in first["drawn"].values()} == {200}
    # Item 0 has user 0 (a hit) before the others (none): it misses where user 0 is not drawn, in
    # (2/3)^3 of the draws. Of item 1, users 2 and 1 are hits: it misses in 1/27 of them.
    missed = np.mean(np.array(first["drawn"]["user_rec"].split(), float) < 1)
    assert missed == pytest.approx(8 / 27 + 1 / 27, abs=0.1)
    two = audience({}, {"row": "fixed"}, 1, None)["windows"][0]["drawn"]["user_rec"]
    given.windows = [window(), window()]
    other = audience({}, {"row": "fixed"}, 1, None)["windows"][1]["drawn"]["user_rec"]
    assert two != other  # windows are drawn apart


def test_seen_pairs_can_be_left_out_of_the_lists(given):
    found = audience({"exclude_seen": True}, {"row": "fixed"}, 1, None)
    # item 0 goes to user 1, item 1 to user 1; users 0, 1 and 2 get items 1, 1 and 0.
    assert values(found)["user_rec"] == pytest.approx(1 / 2)
    assert values(found)["user_rec_new"] == pytest.approx(1 / 2)
    assert values(found)["item_rec"] == pytest.approx(1 / 3, abs=1e-5)


def test_windows_are_averaged(given):
    given.windows = [window(), window(np.zeros((3, 2)), "nothing")]
    found = audience({}, {"row": "fixed"}, 1, None)
    assert values(found)["user_rec"] == 0.5
    assert [result["facts"]["name"] for result in found["windows"]] == ["w", "nothing"]


def test_a_row_gets_its_options_and_a_model_its_settings(given):
    audience({}, {"row": "fixed", "scale": 2.0}, 5, None)
    audience({}, {"settings": {"repeats": "none"}}, 6, None)
    audience({}, {}, 7, None)
    assert given.asked == [
        ("row", 5, {"scale": 2.0}),
        ("model", 6, {"repeats": "none"}),
        ("model", 7, {}),
    ]
