"""Histograms show the shares given."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report import plot_histogram
from tsgen.report.figures import COLOURS


def test_bars_are_the_shares_given():
    ax = plot_histogram([0, 1, 2], {"real": [0.25, 0.75], "synthetic": [0.5, 0.5]}, name="value")
    heights = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(heights["real"], [25, 75])
    np.testing.assert_allclose(heights["synthetic"], [50, 50])
    assert ax.get_xlabel() == "value"
    assert ax.get_legend() is not None
    assert plot_histogram([0, 1], {"users": [1.0]}).get_legend() is None


def test_shares_must_fit_the_edges():
    with pytest.raises(DataError, match="3 edges have 2 bars"):
        plot_histogram([0, 1, 2], {"real": [1.0]})


def test_roles_are_named_in_their_colours():
    ax = plot_histogram([0, 1, 2], {"before": [0.5, 0.5], "after": [0.1, 0.9]})
    colours = {text.get_text(): text.get_color() for text in ax.get_legend().get_texts()}
    assert colours == {"before": COLOURS["before"], "after": COLOURS["after"]}
    assert colours["before"] != colours["after"]
