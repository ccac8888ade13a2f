"""Pages about who is targeted and why."""

from .bias import bias_section
from .drift import drift_section
from .explanation import explanation_section
from .interaction import interaction_section

__all__ = ["bias_section", "drift_section", "explanation_section", "interaction_section"]
