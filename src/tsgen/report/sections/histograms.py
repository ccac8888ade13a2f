"""Histograms that a study keeps of its data: values, lengths, events a user."""

from __future__ import annotations

from tsgen.evaluation import StudyResult, read_histograms

from ..figures import plot_histogram
from .base import Picture, picture

__all__ = ["histogram_pictures"]


def histogram_pictures(result: StudyResult) -> list[Picture]:
    """Return a picture of each histogram; none of studies that keep none."""
    pictures = []
    for name, histogram in read_histograms(result.arrays).items():
        shares = {role: histogram.shares(role) for role in histogram.counts}
        caption = f"Shares by {name}."
        if histogram.beyond:
            caption += f" {histogram.beyond:,} beyond the ends are in the outermost bars."
        alt = f"Histogram of {name}: {', '.join(histogram.counts)}."
        pictures.append(picture(plot_histogram(histogram.edges, shares, name=name), alt, caption))
    return pictures
