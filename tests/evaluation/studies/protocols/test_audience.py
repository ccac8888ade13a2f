"""The protocol of audiences: precision of the lists, a hit once a pair; new pairs apart."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.evaluation.studies.protocols import audience as module
from tsgen.evaluation.studies.protocols.audience import _compact, audience

SEEN = np.array([[1, 0], [0, 0], [0, 2]])
TARGETS = np.array([[3, 0], [0, 1], [0, 1]])
SCORES = np.array([[9.0, 1.0], [2.0, 8.0], [1.0, 9.5]])


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
    assert values(found) == pytest.approx({
        "user_rec": 1.0, "user_rec_new": 1 / 2, "item_rec": 1.0, "item_rec_new": 1 / 3,
    }, abs=1e-5)  # fmt: skip
    (result,) = found["windows"]
    assert result["hits"] == {
        "user_rec": "0:1 2:1", "user_rec_new": "1:1", "item_rec": "0:1 1:1 2:1",
        "item_rec_new": "1:1",
    }  # fmt: skip
    assert result["selected"] == {
        "user_rec": 2.0, "user_rec_new": 2.0, "item_rec": 3.0, "item_rec_new": 3.0,
    }  # fmt: skip
    assert result["facts"] == {"name": "w"}


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


def test_hits_are_written_by_user():
    assert _compact(sp.csr_array(np.array([[0, 0], [1, 1], [0, 1]]))) == "1:2 2:1"
    assert _compact(sp.csr_array((2, 2))) == ""
