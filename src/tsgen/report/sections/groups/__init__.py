"""Pages about who is targeted and why."""

from .bias import bias_section
from .drift import drift_section
from .interaction import interaction_section

__all__ = ["bias_section", "drift_section", "interaction_section"]
