"""How many fewer, or more, another way to choose finds than the model, in words."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["lead_in_words"]


def lead_in_words(gap: float, low: float, high: float, number: Callable[[float], str]) -> str:
    """Return the model's lead over another way as what that way finds: "28 fewer [5 to 50]".

    Where the interval holds 0, the lead itself stands there, with its sign.

    Args:
        gap: What the model finds beyond the other way.
        low: Lower end of the gap's interval.
        high: Upper end.
        number: Writes a number that is not negative.
    """
    if low > 0:
        return f"{number(gap)} fewer [{number(low)} to {number(high)}]"
    if high < 0:
        return f"{number(-gap)} more [{number(-high)} to {number(-low)}]"
    signed = [f"{'-' if end < 0 else '+'}{number(abs(end))}" for end in (gap, low, high)]
    return f"no clear difference: {signed[0]} [{signed[1]} to {signed[2]}] for the model"
