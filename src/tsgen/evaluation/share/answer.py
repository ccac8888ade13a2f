"""One verdict: may these series be handed out in place of the real ones?"""

from __future__ import annotations

from collections.abc import Sequence

from .attack import Attack
from .utility import Utility

__all__ = ["NOT_GUARANTEED", "share_answer", "share_verdict"]

_LEVEL = 0.03
"""Loss against real series that still counts as level."""

NOT_GUARANTEED = (
    "Not guaranteed: that no other attack finds more, that a rare event of one series does not "
    "show, or anything in the sense of differential privacy; this is one attack on one training."
)


def share_verdict(attack: Attack, utilities: Sequence[Utility]) -> str:
    """Return "no", "too few to say", "not useful" or "yes"."""
    if attack.rate.shown:
        return "no"
    if attack.few:
        return "too few to say"
    if any(utility.change > _LEVEL for utility in utilities):
        return "not useful"
    return "yes"


def share_answer(attack: Attack, utilities: Sequence[Utility]) -> str:
    """Return the verdict with what it rests on, and what it does not say."""
    opening = {
        "no": "Do not hand these series out in place of yours.",
        "too few to say": "Too few to say whether these series give yours away.",
        "not useful": "This attack shows no leak, but these series do not replace yours.",
        "yes": "These series may stand in for yours, as far as this was tested.",
    }[share_verdict(attack, utilities)]
    return f"{opening} {_of_attack(attack)} {_of_utility(utilities)} {NOT_GUARANTEED}"


def _of_attack(attack: Attack) -> str:
    rate, copying = attack.rate, attack.copying
    few = (
        f" With {attack.num_non_members} windows of others, fewer than 300, nothing can be said at "
        "1 %."
        if attack.few
        else ""
    )
    return (
        f"An attack by likelihood ratio finds {100 * rate.value:.1f} % [{100 * rate.low:.1f}, "
        f"{100 * rate.high:.1f}] of the windows that the generator learnt from at "
        f"{100 * rate.false_positive_rate:g} % false alarms (chance: "
        f"{100 * rate.false_positive_rate:g} %; on a copy of the data: "
        f"{100 * copying.value:.0f} %).{few}"
    )


def _of_utility(utilities: Sequence[Utility]) -> str:
    parts = ", ".join(
        f"{u.forecaster.replace('_', ' ')} {100 * u.change:+.1f} % "
        f"[{100 * u.low:+.1f}, {100 * u.high:+.1f}]"
        for u in utilities
    )
    return f"Forecasters trained on them alone, against real (change of the loss): {parts}."
