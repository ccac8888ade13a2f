"""Why a campaign got nobody, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsgen.arrays import AnyArray, Mask

from .pools import CampaignPairs
from .solving import BLOCK, row_blocks

__all__ = ["explain_empty"]


def explain_empty(pool: CampaignPairs, places: AnyArray, columns: Sequence[int]) -> dict[str, str]:
    """Return campaign -> why it has no contact.

    Args:
        pool: All pairs.
        places: (n,) campaigns that each user may still be in, were nobody held out.
        columns: Campaigns without contacts.
    """
    return {pool.plan.campaigns[one].name: _reason(pool, places > 0, one) for one in columns}


def _reason(pool: CampaignPairs, free: Mask, column: int) -> str:
    campaign = pool.plan.campaigns[column]
    if campaign.most == 0:
        return f"Campaign '{campaign.name}' asked for no contact."
    own = np.asarray(free & pool.own.get(column, True))
    rows = np.flatnonzero(own)
    open_, paying, held = _open_pairs(pool, rows, column)
    counts = {
        "are left out of all or have had their contacts": int((~free).sum()),
        "are left out by its filters": int((free & ~own).sum()),
        "are held out": held,
        f"have a chance below {campaign.min_probability:g} or only excluded items": (
            len(rows) - held - open_
        ),
        "would bring nothing": open_ - paying,
        "bring more elsewhere, or cost more than is left": paying,
    }
    reasons = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    return f"Campaign '{campaign.name}' has no contact: of {len(free)} users, {reasons}."


def _open_pairs(pool: CampaignPairs, rows: AnyArray, column: int) -> tuple[int, int, int]:
    """Return how many of the users may be in a campaign, bring something there, are held out."""
    open_ = paying = held = 0
    for part in row_blocks((len(rows), pool.shape[1]), BLOCK):
        values = pool.block(rows[part]).values[:, column]
        open_ += int(np.isfinite(values).sum())
        paying += int((values > 0).sum())
        held += int(pool.held(rows[part])[:, column].sum())
    return open_, paying, held
