"""Which function shows which kind of study. A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from tsgen.evaluation import StudyResult

from .any_section import any_section
from .audience_section import audience_section
from .fidelity_section import fidelity_section
from .forecast_section import forecast_section
from .section import Section

__all__ = ["KINDS", "section_of"]

KINDS: dict[str, Callable[[StudyResult], Section]] = {
    "audience": audience_section,
    "fidelity": fidelity_section,
    "forecast": forecast_section,
}
"""Kind of study -> what a page shows of it."""


def section_of(result: StudyResult) -> Section:
    """Return what a page shows of a result; of an unknown kind, its table as it is."""
    return KINDS.get(result.kind, any_section)(result)
