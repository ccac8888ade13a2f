"""Missing steps of drawn series: of the source, as in training, or none."""

import numpy as np
import pytest

from tsgen.data import to_dataset
from tsgen.errors import SettingsError
from tsgen.psagan.memory import SeriesTable
from tsgen.psagan.sampling import Requests, check_missing, missing_steps
from tsgen.psagan.sampling.gaps import _drawn


def entries(*gaps, length=40):
    rows = []
    for k, gap in enumerate(gaps):
        target = np.arange(length, dtype=float) % 7
        target[list(gap)] = np.nan
        rows.append({"item_id": f"s{k}", "start": "2024-01-01", "target": target})
    return to_dataset(rows, freq="2h")


STRIDE = 2
LIKE = entries((3, 4, 20), (), (0, 1, 2, 39))
TABLE = SeriesTable.of(LIKE, "standard", np.arange(1, 4))


def requests(rows, begins, lengths, like=LIKE):
    rows, begins = np.asarray(rows), np.asarray(begins)
    starts = LIKE.starts[rows] + STRIDE * begins
    return Requests.after(TABLE.rows(rows), starts, np.asarray(lengths), STRIDE, like, rows)


@pytest.mark.parametrize("begin", [0, 5, -6, 30, 39, 100, -100])
def test_the_gaps_of_the_source_where_the_two_overlap(begin):
    asked = requests([0, 2, 1], [begin] * 3, [12, 9, 4])
    made = missing_steps(asked, "like", False, STRIDE, seed=1)
    expected = []
    for row, length in ((0, 12), (2, 9), (1, 4)):
        gaps = np.isnan(LIKE.series(row))
        expected += [0 <= begin + k < 40 and gaps[begin + k] for k in range(length)]
    assert made.tolist() == expected


def test_without_an_entry_or_a_wish_nothing_is_missing():
    assert not missing_steps(requests([0], [0], [40]), "none", False, STRIDE, 1).any()
    alone = requests([0], [0], [40], like=None)
    assert not missing_steps(alone, "like", False, STRIDE, 1).any()


def test_closed_phases_are_missing_where_that_is_wanted():
    target = np.arange(24.0 * 21)
    target[np.arange(target.size) % 24 < 6] = np.nan
    night = to_dataset([{"item_id": "n", "start": "2024-01-01", "target": target}], freq="h")
    table = SeriesTable.of(night, "standard", np.array([1]))
    asked = Requests.after(table, night.starts + 3, np.array([50]), 1)
    made = missing_steps(asked, "none", True, 1, seed=1)
    assert made.tolist() == [(3 + k) % 24 < 6 for k in range(50)]
    assert not missing_steps(asked, "none", False, 1, seed=1).any()


def test_gaps_as_in_training_follow_seed_and_entry():
    def drawn(rows, seed=1):
        asked = requests(rows, [0] * len(rows), [40] * len(rows))
        return missing_steps(asked, "model", False, STRIDE, seed).reshape(len(rows), 40)

    one = drawn([0, 0, 2, 1])
    assert (one[0] != one[1]).any()  # two draws of one entry
    assert not one[3].any()  # no gaps in training
    np.testing.assert_array_equal(drawn([2, 0, 0])[[1, 2, 0]], one[:3])
    assert (drawn([0, 0, 2, 1], seed=2) != one).any()


def test_drawn_gaps_begin_and_last_as_often_as_said():
    gaps = _drawn(200_000, 0.02, 5.0, np.random.default_rng(0))
    begun = np.diff(gaps.astype(int), prepend=0).clip(0).sum()
    assert gaps.sum() / begun == pytest.approx(5, rel=0.05)
    assert begun / (~gaps).sum() == pytest.approx(0.02, rel=0.05)
    first = [_drawn(1, 0.3, 1.0, np.random.default_rng(k))[0] for k in range(2000)]
    assert np.mean(first) == pytest.approx(0.3, abs=0.04)  # also at the first step


@pytest.mark.parametrize("word", ["like", "model", "none"])
def test_words_for_gaps(word):
    check_missing(word)
    with pytest.raises(SettingsError, match=r"missing='modle' is not.*Did you mean 'model'"):
        check_missing("modle")
