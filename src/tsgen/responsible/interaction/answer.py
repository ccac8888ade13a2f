"""Whether a forecaster uses other series or walks alone, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .windows import CONTROL

__all__ = ["LEAST_SHARE", "LEAST_SKILL", "interaction_answer", "uses_others", "verdict"]

LEAST_SKILL = 0.05
"""Skill over a simple forecast below which shares are noise, and are withheld."""

LEAST_SHARE = 0.05
"""Share of the gain below which other series are not said to be used, however sure it is."""

_OTHERS = "other series"


def uses_others(stated: Mapping[str, Any]) -> bool:
    """Return whether the share of the others is 5 % at least, and surely above the control's."""
    others, control = stated["shares"][_OTHERS], stated["shares"][CONTROL]
    return bool(others["low"] > max(0.0, control["high"]) and others["value"] >= LEAST_SHARE)


def verdict(stated: Mapping[str, Any]) -> str:
    """Return what was found of one target, in a sentence.

    Args:
        stated: target, arm, simple (name), skill, alone and shares, each with value, low and high.
    """
    skill, name = stated["skill"]["value"], _name(stated)
    if skill < LEAST_SKILL:
        return (
            f"{name}: withheld, as the forecaster is {100 * skill:.0f} % better than "
            f"{stated['simple']} repeated, less than {100 * LEAST_SKILL:.0f} %; shares of it would "
            "be noise."
        )
    uses = uses_others(stated)
    finding = "uses the other series" if uses else "walks alone"
    sentence = (
        f"{name} {finding}: {_share(stated['shares'][_OTHERS])} of the gain comes from them, "
        f"{_share(stated['shares'][CONTROL])} from a random series; trained without them its error "
        f"changes by {_share(stated['alone'], signed=True)}"
    )
    worse = stated["alone"]["low"] > 0
    if uses and not worse:
        return f"{sentence}, so what they say its own past says, too."
    if not uses and worse:
        return f"{sentence}, although single windows do not show what they bring."
    return f"{sentence}."


def interaction_answer(targets: Sequence[Mapping[str, Any]]) -> str:
    """Return the verdicts of all targets; of generated windows, whether they agree."""
    by_target: dict[str, dict[str, Mapping[str, Any]]] = {}
    for one in targets:
        by_target.setdefault(one["target"], {})[one["arm"]] = one
    sentences = [str(one["verdict"]) for one in targets]
    pairs = [(name, arms["real"], arms["generated"]) for name, arms in by_target.items()
             if "generated" in arms]  # fmt: skip
    return " ".join([*sentences, *(_agreement(*pair) for pair in pairs)])


def _agreement(target: str, real: Mapping[str, Any], generated: Mapping[str, Any]) -> str:
    if min(real["skill"]["value"], generated["skill"]["value"]) < LEAST_SKILL:
        return f"Of '{target}' real and generated windows cannot be compared."
    if uses_others(real) == uses_others(generated):
        return f"For '{target}' generated windows lead to the same as real ones."
    kept = "channels walk alone" if uses_others(real) else "channels seem to depend on each other"
    return f"For '{target}' generated windows lead to another forecaster: there, {kept}."


def _name(stated: Mapping[str, Any]) -> str:
    trained = "" if stated["arm"] == "real" else f" (trained on {stated['arm']} windows)"
    return f"'{stated['target']}'{trained}"


def _share(numbers: Mapping[str, float], signed: bool = False) -> str:
    form = "{:+.0f}" if signed else "{:.0f}"
    keys = ("value", "low", "high")
    value, low, high = (form.format(round(100 * numbers[key]) + 0.0) for key in keys)
    return f"{value} % [{low}, {high}]"
