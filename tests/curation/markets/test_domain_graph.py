"""Weights of markets by their distance, and the scale that leaving one out chooses."""

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import DomainGraph
from tsgen.errors import DataError, SettingsError

LINE = [(k, k + 1) for k in range(9)]


def test_a_table_of_pairs_is_a_graph():
    table = pd.DataFrame({"from": ["a", "b"], "to": ["b", "c"]})
    assert DomainGraph.from_edges(table).names == ("a", "b", "c")


def test_weights_fall_with_the_steps_between():
    weights = DomainGraph.from_edges(LINE).source_weights(0, [1, 2, 5], scale=2.0)
    np.testing.assert_allclose(weights / weights[1], np.exp([0, -0.5, -2]))
    assert weights.mean() == pytest.approx(1)
    uniform = DomainGraph.from_edges(LINE).source_weights(0, [1, 2, 5], scale=np.inf)
    assert uniform.tolist() == [1, 1, 1]


def test_distances_are_measured_by_neighbours():
    far = pd.DataFrame([[0, 3, 9], [3, 0, 3], [9, 3, 0.0]], list("abc"), list("cba")[::-1])
    np.testing.assert_allclose(DomainGraph.from_distances(far).distances, far.to_numpy() / 3)


def test_a_source_that_no_way_leads_to_weighs_nothing():
    graph = DomainGraph.from_edges([*LINE, ("x", "y")])
    assert graph.source_weights(0, [1, "x"], scale=1.0).tolist() == [2, 0]
    with pytest.raises(DataError, match="Nothing connects 'x' with any of the 2 sources"):
        graph.source_weights("x", [1, 2], scale=1.0)
    assert graph.source_weights("x", [1, 2], scale=np.inf).tolist() == [1, 1]


def test_the_scale_is_that_with_the_least_loss_of_sources_left_out():
    """A market is like its neighbours, or all are alike but for noise."""
    graph, random = DomainGraph.from_edges(LINE), np.random.default_rng(0)
    noise = [random.normal(size=10) for _ in range(40)]
    smooth, flat = (graph.choose_scale(range(10), loss_on(values)) for values in (
        [np.arange(10) + 0.1 * n for n in noise], noise
    ))  # fmt: skip
    assert smooth.scale <= 1
    assert flat.scale >= 4
    assert smooth.losses[smooth.scale] == min(smooth.losses.values())


@pytest.mark.parametrize(("gains", "scale"), [((0.05,) * 6, 1.0), ((1.0, -0.9) * 3, np.inf)])
def test_a_scale_is_taken_only_where_its_gain_is_more_than_its_standard_error(gains, scale):
    def loss(left_out, weights):
        return 1.0 - (gains[left_out] if weights.std() else 0.0)

    graph = DomainGraph.from_edges([(k, k + 1) for k in range(5)])
    chosen = graph.choose_scale(range(6), loss, [1.0, np.inf])
    assert chosen.scale == scale
    assert chosen.losses[1.0] < chosen.losses[np.inf]


def loss_on(values):
    def loss(left_out, weights):
        rows = np.array(values)
        means = np.average(rows[:, list(weights.index)], axis=1, weights=weights)
        return ((rows[:, left_out] - means) ** 2).mean()

    return loss


def test_a_source_left_out_learns_from_such_as_are_as_far_as_targets():
    heard = {}

    def loss(left_out, weights):
        heard[left_out] = sorted(weights.index)
        return 0.0

    DomainGraph.from_edges(LINE).choose_scale([0, 1, 2, 5], loss, [1.0], targets=[7, 8])
    assert heard == {0: [5], 1: [5], 2: [5], 5: [0, 1, 2]}  # targets are 2 and 3 steps away


def test_a_shuffled_graph_has_the_same_distances_between_other_names():
    graph = DomainGraph.from_edges(LINE)
    other = graph.shuffled(1)
    assert sorted(other.names) == sorted(graph.names)
    assert other.names != graph.names
    assert other.distances is graph.distances


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: DomainGraph.from_edges([]), "no edge"),
        (lambda: DomainGraph.from_edges(["ab", "bc"]), r"\('ab',\) is no edge"),
        (lambda: square([["near", 1], [1, 0]]), "Distances are numbers; could not .* 'near'"),
        (lambda: island([1, 2, 3]), "Nothing connects 'alone' with any of the 3 sources; add an"),
        (lambda: DomainGraph.from_edges([("a", "a")]), r"\('a', 'a'\) is no edge"),
        (lambda: DomainGraph.from_edges(LINE).source_weights(99, [1], scale=1.0), "no domain 99"),
        (lambda: DomainGraph.from_edges(LINE).source_weights(1, [1, 2], scale=1.0), "itself among"),
        (lambda: DomainGraph.from_edges(LINE).source_weights(1, [], scale=1.0), "0 are given"),
        (lambda: DomainGraph.from_edges(LINE).choose_scale([1, 2], None), "2 sources are too few"),
        (lambda: DomainGraph.from_edges([("a", None)]), r"\('a', None\) is no edge"),
        (
            lambda: DomainGraph.from_edges(LINE).source_weights("1", [2], scale=1.0),
            "'1'. 1 is anot",
        ),
        (lambda: square([[5, 1], [1, 0]]), "'a' and 'a', 5, is not 0, of a domain to itself"),
        (lambda: square([[0, -1], [-1, 0]]), "'a' and 'b', -1, is negative"),
        (lambda: square([[0, 1], [2, 0]]), "not the same both ways"),
        (lambda: square([[0, np.nan], [1, 0]]), "is missing"),
        (lambda: square([[0, 1], [1, 0]], rows="xy"), "square table"),
    ],
)
def test_graphs_that_cannot_be_are_refused(make, says):
    with pytest.raises(DataError, match=says):
        make()


@pytest.mark.parametrize("scale", [0, -1.0, float("nan")])
def test_a_scale_is_above_0(scale):
    with pytest.raises(SettingsError, match=r"scale=\S+ is not possible; use a number above 0"):
        DomainGraph.from_edges(LINE).source_weights(1, [2, 3], scale=scale)


def island(sources):
    """Choose a scale for a market that no way leads to."""
    names = [1, 2, 3, "alone"]
    distances = pd.DataFrame(np.inf, names, names)
    for first, second in ((1, 2), (2, 3)):
        distances.loc[first, second] = distances.loc[second, first] = 1.0
    graph = DomainGraph.from_distances(distances)
    return graph.choose_scale(sources, lambda *_: 1.0, targets=["alone"])


def square(values, rows="ab"):
    return DomainGraph.from_distances(pd.DataFrame(values, list(rows), list("ab")))
