"""Times of events: from whatever means one to microseconds since 1970 UTC, and back."""

from .reading import read_time, read_times
from .scales import MICROSECONDS, read_span, span_text, to_stamps

__all__ = ["MICROSECONDS", "read_span", "read_time", "read_times", "span_text", "to_stamps"]
