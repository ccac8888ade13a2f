"""Has it changed? Two models, audiences, logs or reports of different dates."""

from .comparison import compare_audiences
from .measures import attribution_agreement, stability_index
from .snapshots import Snapshot, snapshot_of

__all__ = [
    "Snapshot",
    "attribution_agreement",
    "compare_audiences",
    "snapshot_of",
    "stability_index",
]
