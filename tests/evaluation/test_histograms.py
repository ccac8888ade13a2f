"""Histograms lose nothing, whatever the numbers."""

import numpy as np
import pytest

from small_shop import log as shop_log
from small_shop import read
from tsgen.evaluation.histograms import event_histograms, histogram_arrays, read_histograms


def test_every_finite_number_is_in_a_bar_and_outliers_in_the_outermost():
    draw = np.random.default_rng(3)
    values = np.concatenate([draw.normal(size=999), [1e9, np.nan, np.inf]])
    shown = read_histograms(histogram_arrays("value", {"real": values, "synthetic": [0.0]}))
    histogram = shown["value"]
    assert histogram.counts["real"].sum() == 1000
    assert histogram.counts["synthetic"].sum() == 1
    assert histogram.edges[-1] < 10
    assert (
        histogram.beyond == sum((values < histogram.edges[0]) | (values > histogram.edges[-1])) - 1
    )
    assert histogram.shares("real").sum() == pytest.approx(1)


def test_few_whole_numbers_have_a_bar_each():
    histogram = read_histograms(histogram_arrays("n", {"a": [1, 1, 2, 4]}))["n"]
    assert histogram.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert histogram.counts["a"].tolist() == [2, 1, 0, 1]


def test_equal_numbers_and_none_at_all():
    histogram = read_histograms(histogram_arrays("v", {"a": [0.3] * 5}))["v"]
    assert histogram.counts["a"].sum() == 5
    assert histogram_arrays("v", {"a": [np.nan]}) == {}


def test_events_of_users_and_items_are_counted():
    log = read(shop_log())
    both = read_histograms(event_histograms(log))
    assert both["events a user"].counts["users"].sum() == log.num_users
    assert both["events an item"].counts["items"].sum() == log.num_items
