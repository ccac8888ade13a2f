"""Which function shows which kind of study. A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from tsgen.evaluation import StudyResult

from .any import any_section, study_section
from .audience import audience_section
from .augmentation import augmentation_section
from .base import Section
from .campaign import campaign_section
from .campaigns import allocation_section, backtest_section, uplift_section
from .data import data_section
from .factors import factors_section
from .fidelity import fidelity_section
from .forecast import forecast_section
from .groups import bias_section, drift_section, explanation_section, interaction_section
from .share import share_section

__all__ = ["KINDS", "section_of"]

KINDS: dict[str, Callable[[StudyResult], Section]] = {
    "allocation": backtest_section,
    "augmentation": augmentation_section,
    "audience": audience_section,
    "bias": bias_section,
    "campaign": campaign_section,
    "campaigns": allocation_section,
    "data": data_section,
    "drift": drift_section,
    "explanation": explanation_section,
    "factors": factors_section,
    "fidelity": fidelity_section,
    "forecast": forecast_section,
    "interaction": interaction_section,
    "share": share_section,
    "study file": study_section,
    "uplift": uplift_section,
}
"""Kind of study -> what a page shows of it."""


def section_of(result: StudyResult) -> Section:
    """Return what a page shows of a result; of an unknown kind, its table as it is."""
    return KINDS.get(result.kind, any_section)(result)
