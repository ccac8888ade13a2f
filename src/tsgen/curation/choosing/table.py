"""The table of an answer: one row for each candidate."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from .candidates import Candidate
from .gains import Gain

__all__ = ["candidate_table"]


def candidate_table(
    gains: Mapping[Candidate, Gain], judged: Mapping[Candidate, str], failed: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row for each candidate, the best first, and for each that failed."""
    rows = [
        {
            "candidate": candidate.name,
            "change": 100 * gain.change,
            "low": 100 * gain.low,
            "high": 100 * gain.high,
            "expected": 100 * gain.expected,
            "sureness": gain.sureness,
            "runs": gain.runs,
            "forecaster": judged[candidate],
            "failed": None,
        }
        for candidate, gain in sorted(gains.items(), key=lambda pair: pair[1].change)
    ]
    rows += [{"candidate": name, "runs": 0, "failed": why} for name, why in failed.items()]
    return pd.DataFrame(rows)
