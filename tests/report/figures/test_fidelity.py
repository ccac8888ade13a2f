import sys

import numpy as np
import pytest

from study_results import HISTORY, WINDOWS, fidelity_table
from tsgen.errors import DataError
from tsgen.metrics import autocorrelation, spectrum
from tsgen.report import (
    COLOURS,
    plot_autocorrelation,
    plot_cross_correlation,
    plot_embedding,
    plot_floor,
    plot_losses,
    plot_spectra,
    plot_windows,
)


def line(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def test_curves_are_those_of_the_metrics_in_the_colours_of_their_roles():
    for plot, metric in (
        (plot_spectra, spectrum),
        (plot_autocorrelation, lambda w: autocorrelation(w).mean(0)),
    ):
        ax = plot(WINDOWS)
        for role, windows in WINDOWS.items():
            np.testing.assert_allclose(line(ax, role).get_ydata(), metric(windows))
            assert line(ax, role).get_color() == COLOURS[role]


def test_cross_correlations_show_the_strongest_pairs_in_lanes():
    random = np.random.default_rng(2)
    real = random.uniform(-0.3, 0.3, (10, 7))  # five channels
    real[[3, 8]] += 0.6
    made = random.uniform(-0.3, 0.3, (10, 7))
    ax = plot_cross_correlation({"real": real, "synthetic": made}, list("abcde"))
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert len(labels) == 6
    first = labels.index("a →\ne")  # pairs in order: ab ac ad ae bc bd be cd ce de
    curves = [drawn for drawn in ax.lines if len(drawn.get_xdata()) == 7]
    np.testing.assert_allclose(curves[2 * first].get_ydata(), real[3] - 2.2 * first)
    np.testing.assert_allclose(curves[2 * first + 1].get_ydata(), made[3] - 2.2 * first)
    assert curves[0].get_xdata().tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert "c →\ne" in labels
    with pytest.raises(DataError, match="4 channels have 6 pairs"):
        plot_cross_correlation({"real": real}, list("abcd"))


def test_windows_show_eight_of_each_role_in_lanes():
    ax = plot_windows(WINDOWS)
    colours = [drawn.get_color() for drawn in ax.lines]
    assert colours == [COLOURS["real"]] * 8 + [COLOURS["synthetic"]] * 3
    first = ax.lines[0].get_ydata()
    expected = WINDOWS["real"][0] - WINDOWS["real"][0].min()
    np.testing.assert_allclose(first, 0.8 * expected / expected.max())


def test_embeddings_are_shown_in_the_main_directions_of_the_real_ones():
    real = np.random.default_rng(4).normal(size=(200, 4)) * [5.0, 2.0, 0.1, 0.1] + 7
    ax = plot_embedding({"real": real, "synthetic": real[:20]})
    points = [np.asarray(cloud.get_offsets()) for cloud in ax.collections]
    centred = real - real.mean(0)
    for axis in (0, 1):
        assert abs(np.corrcoef(points[0][:, axis], centred[:, axis])[0, 1]) > 0.99
    np.testing.assert_allclose(points[1], points[0][:20])


def test_losses_are_drawn_with_a_mark_at_each_stage():
    ax = plot_losses(HISTORY)
    drawn = line(ax, "generator loss")
    np.testing.assert_array_equal(drawn.get_xdata(), range(10, 70, 10))
    np.testing.assert_allclose(drawn.get_ydata(), [1 / i for i in range(1, 7)])
    assert [text.get_text() for text in ax.texts] == ["stage 0", "stage 1", "stage 2"]
    assert [text.xy[0] for text in ax.texts] == [0, 20, 50]
    with pytest.raises(DataError, match="at least one loss"):
        plot_losses([{"step": 1}])


def test_floor_puts_the_ideal_left_and_the_farthest_right():
    ax = plot_floor(fidelity_table())
    floor, sample = (np.asarray(container.lines[0].get_xdata()) for container in ax.containers)
    np.testing.assert_allclose(sample, [1.0, 1.0, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(floor, [1 / 3, 0.25, 1 / 3, 1.0, 0.0], atol=1e-12)
    ratio = fidelity_table()[:1].assign(value=1.5, floor=1.1, ideal=1.0)
    floor, sample = (np.asarray(c.lines[0].get_xdata()) for c in plot_floor(ratio).containers)
    np.testing.assert_allclose([floor[0], sample[0]], [0.2, 1.0])


@pytest.mark.parametrize("plot", [plot_windows, plot_spectra, plot_autocorrelation, plot_embedding])
def test_figures_draw_on_the_axes_given_and_leave_pyplot_alone(plot):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert plot(WINDOWS, ax=ax) is ax
    assert plot(WINDOWS).figure is not ax.figure
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_unknown_roles_and_missing_values_are_refused():
    with pytest.raises(DataError, match="'fake' is unknown"):
        plot_windows({"fake": WINDOWS["real"]})
    with pytest.raises(DataError, match="nothing to draw"):
        plot_windows({})
    with pytest.raises(DataError, match="missing"):
        plot_spectra({"real": np.full((2, 8), np.nan)})
    with pytest.raises(DataError, match="two 'real' embeddings"):
        plot_embedding({"synthetic": WINDOWS["real"]})
