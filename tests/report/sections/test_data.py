"""Histograms of a study's data, none where it kept none; and the page of data alone."""

from dataclasses import replace

import numpy as np

from study_results import audience_result
from tsgen.data import load_sample, simulate_series
from tsgen.evaluation import describe_data
from tsgen.evaluation.histograms import histogram_arrays
from tsgen.report.sections.data import data_section, histogram_pictures


def test_each_kept_histogram_is_drawn_with_what_lies_beyond():
    assert histogram_pictures(audience_result()) == []
    values = np.concatenate([np.linspace(0, 1, 998), [50.0, 60.0]])
    kept = histogram_arrays("value", {"real": values, "synthetic": values}) | histogram_arrays(
        "events a user", {"users": [1, 2, 2]}
    )
    first, second = histogram_pictures(replace(audience_result(), arrays=kept))
    assert first.alt == "Histogram of value: real, synthetic."
    assert "beyond the ends are in the outermost bars" in first.caption
    assert second.caption == "Shares by events a user."


def test_series_have_a_row_and_a_little_picture_each():
    section = data_section(describe_data(simulate_series(3, 40, seed=1)))
    counts, series = section.tables
    assert [cell.text for cell in counts.rows[1]] == ["values", "120"]
    assert len(series.rows) == 3
    assert series.note == "3 of 3 series, evenly from the lowest mean to the highest."
    assert section.pictures[0].alt.startswith("3 series")


def test_events_have_the_most_frequent_items_and_no_picture_of_series():
    section = data_section(describe_data(load_sample("online_retail")))
    _, items = section.tables
    events = [int(row[1].text.replace(",", "")) for row in items.rows]
    assert events == sorted(events, reverse=True)
    assert len(items.rows) == 20
    assert not section.pictures
    assert section.tables[0].rows[4][1].text.endswith("%")
