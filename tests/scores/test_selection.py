"""The best of each row and column equal a slow sort, whatever the blocks and the sample."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from strategies import best_by_loop, ranking_cases
from tsgen.errors import DataError, SettingsError
from tsgen.scores import as_scores, held_scores, selection, top_columns, top_rows

sparse = sp.csr_array


@given(ranking_cases(), st.integers(1, 10), st.sampled_from([1, 7, 10**6]))
def test_the_best_are_those_of_a_slow_loop_whatever_the_blocks(case, num, block):
    scores, _, exclude = case
    arguments = {"exclude": sparse(exclude), "block_numbers": block}
    columns, values = top_columns(scores, num, **arguments)
    rows, heights = top_rows(scores, num, **arguments)
    for i in range(len(scores)):
        expected = best_by_loop(scores[i], exclude[i], num)
        assert [k for k in columns[i] if k >= 0] == expected
        assert values[i][: len(expected)].tolist() == [scores[i, k] for k in expected]
    for j in range(scores.shape[1]):
        expected = best_by_loop(scores[:, j], exclude[:, j], num)
        assert [k for k in rows[j] if k >= 0] == expected
        assert heights[j][: len(expected)].tolist() == [scores[k, j] for k in expected]
    assert np.isneginf(values[columns < 0]).all()


def test_single_precision_blocks_rank_as_well():
    random = np.random.default_rng(0)
    scores = random.normal(size=(300, 7)).astype(np.float32)

    class Blocks:
        shape = scores.shape

        def block(self, rows, columns):
            return scores[rows, columns].copy()

    rows, _ = top_rows(Blocks(), 20, block_numbers=70)
    for j in range(7):
        assert rows[j].tolist() == np.argsort(-scores[:, j], kind="stable")[:20].tolist()


@pytest.mark.parametrize("kind", ["drawn", "tied", "equal", "periodic", "falling"])
def test_a_sample_that_misleads_changes_no_selection(monkeypatch, kind):
    monkeypatch.setattr(selection, "_FEWEST_SAMPLED", 50)
    draw, rows = np.random.default_rng(0), np.arange(900)
    column = {
        "drawn": draw.normal(size=900),
        "tied": draw.integers(0, 4, 900),
        "equal": np.zeros(900),
        "periodic": np.where(
            rows % 45 == 0, 10.0, draw.random(900)
        ),  # the sample is every ninth row
        "falling": -rows,
    }[kind]
    scores = np.column_stack([column, draw.normal(size=900), -column]).astype(float)
    for num in (3, 40):
        best, values = top_rows(scores, num, block_numbers=300)
        for j in range(3):
            expected = np.argsort(-scores[:, j], kind="stable")[:num]
            assert best[j].tolist() == expected.tolist()
            assert values[j].tolist() == scores[expected, j].tolist()


def test_what_cannot_be_selected_from_is_refused():
    for select in (top_rows, top_columns):
        for num in (0, True, -1):
            with pytest.raises(SettingsError, match=f"{num} is not possible as a number to select"):
                select(np.ones((2, 3)), num)
        with pytest.raises(DataError, match="NaN in row 1") as caught:
            select([[1.0], [np.nan]], 1)
        assert caught.value.row == 1
        with pytest.raises(DataError, match=r"shape \(3,\); expected two dimensions"):
            select(np.ones(3), 1)


def test_a_block_is_a_copy_and_what_has_blocks_stays_itself():
    values = np.arange(6.0).reshape(2, 3)
    scores = as_scores(values)
    assert scores.shape == (2, 3)
    block = scores.block(slice(1, 2), slice(0, 2))
    assert block.tolist() == [[3.0, 4.0]]
    block[:] = -1
    assert values[1, 0] == 3.0
    assert as_scores(scores) is scores


def test_scores_of_minus_infinity_are_never_selected():
    scores = np.array([[1.0, -np.inf], [-np.inf, -np.inf]])
    assert top_columns(scores, 2)[0].tolist() == [[0, -1], [-1, -1]]
    assert top_rows(scores, 2)[0].tolist() == [[0, -1], [-1, -1]]


def test_small_scores_are_held_and_large_ones_read_in_parts():
    scores = as_scores(np.arange(12.0).reshape(3, 4))
    held = held_scores(scores, most=96)
    assert held is not scores
    block = held.block(slice(0, 3), slice(1, 3))
    np.testing.assert_array_equal(block, scores.block(slice(0, 3), slice(1, 3)))
    block[:] = -1.0  # a block is the reader's own
    assert held.block(slice(0, 1), slice(1, 2))[0, 0] == 1.0
    assert held_scores(scores, most=95) is scores
