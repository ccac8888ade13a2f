"""Pages about who is targeted and why."""

from .bias import bias_section
from .drift import drift_section

__all__ = ["bias_section", "drift_section"]
