"""Histograms of a study's data on its page; none where it kept none."""

from dataclasses import replace

import numpy as np

from study_results import audience_result
from tsgen.evaluation.histograms import histogram_arrays
from tsgen.report.sections.histograms import histogram_pictures


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
