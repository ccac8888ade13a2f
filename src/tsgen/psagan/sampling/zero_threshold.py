"""The level below which samples of intermittent series are zero, found after training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tsgen.data.series import parts_of
from tsgen.rng import numpy_stream

from .constraints import INTERMITTENT_SHARE

if TYPE_CHECKING:
    from ..synthesizer import PSAGANSynthesizer

__all__ = ["zero_threshold"]


def zero_threshold(model: PSAGANSynthesizer) -> float:
    """Return the level, in scales, up to which samples of intermittent series should be zero.

    Windows are drawn after the intermittent training series; the level is the one below which the
    share of sampled values equals the share of zeros in the real data.
    """
    tables = model.tables
    which = np.flatnonzero([
        (table.index > 0)
        & (table.scaler.scale > 0)
        & table.non_negative
        & (table.zero_share >= INTERMITTENT_SHARE)
        for table in tables
    ])  # fmt: skip
    if not len(which):
        return 0.0
    chosen = numpy_stream(model.seed, "zeros").choice(which, 1024)
    channel, row = np.divmod(chosen, len(model.table))
    items = [model.table.item_ids[i] for i in row]
    drawn = parts_of(model.sample(items=items, constraints=None, missing="none", seed=model.seed))
    windows = np.stack([part.values.reshape(len(row), -1) for part in drawn])
    scale = np.stack([table.scaler.scale for table in tables])[channel, row]
    share = float(np.stack([table.zero_share for table in tables])[channel, row].mean())
    scaled = windows[channel, np.arange(len(row))] / scale[:, None]
    return float(max(np.quantile(scaled, share), 0.0))
