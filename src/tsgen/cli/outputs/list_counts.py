"""Who is on a list, who was left out and what is expected, in a sentence."""

from __future__ import annotations

from typing import Any

__all__ = ["list_counts"]


def _spent(counts: dict[str, Any]) -> str:
    spend = counts.get("expected_spend")
    return "" if spend is None else f"; they are expected to be worth {spend:,.2f}"


def _own_list(counts: dict[str, Any]) -> str:
    """Return what came of a campaign's own list, where it has one."""
    if "excluded" not in counts:
        return ""
    return (
        f"; {counts['excluded']:,} excluded by its own list, {counts['unknown']:,} of its entries "
        "not known"
    )


def _rest_on(counts: dict[str, Any]) -> str:
    """Return what the rows rest on, where not all rest on events."""
    kinds = counts.get("basis", {})
    each = ", ".join(f"{number:,} on {kind}" for kind, number in kinds.items())
    return f"; the scores rest: {each}" if each else ""


def list_counts(counts: dict[str, Any]) -> str:
    """Return what `attrs["counts"]` of an audience, campaigns' lists or recommendations say.

    Args:
        counts: See `RIMModel.audience`, `campaign_lists` and `RIMModel.recommendations`.
    """
    if "expected_pairs" in counts:
        return (
            f"{counts['got']:,} items for {counts['users']:,} users; expected: "
            f"{counts['expected_events']:,.1f} events, {counts['expected_pairs']:,.1f} of these "
            "items turned to at least once."
        )
    if "campaigns" in counts:
        return _counted_campaigns(counts)
    wanted = "" if counts["wanted"] is None else f" of {counts['wanted']:,} wanted"
    return (
        f"{counts['got']:,}{wanted}, from {counts['eligible']:,} eligible users; "
        f"{counts['excluded']:,} excluded by the list, {counts['unknown']:,} of its entries not "
        f"known; expected: {counts['expected_events']:,.1f} events, "
        f"{counts['expected_buyers']:,.1f} users with at least one{_spent(counts)}"
        f"{_rest_on(counts)}."
    )


def _counted_campaigns(counts: dict[str, Any]) -> str:
    lists = [
        f"{name}: {one['got']:,} users, expected: {one['expected_events']:,.1f} events, "
        f"{one['expected_buyers']:,.1f} users with at least one{_spent(one)}{_own_list(one)}."
        for name, one in counts["campaigns"].items()
    ]
    shared = [f"{number:,} in {names}" for names, number in counts["shared"].items()]
    where_shared = f" ({', '.join(shared)})" if shared else ""
    return "\n".join([
        *lists,
        f"{counts['users']:,} different users; {counts['in_several']:,} are in several lists"
        f"{where_shared}; {counts['eligible']:,} eligible users, {counts['left_out']:,} are "
        f"excluded or without events: {counts['excluded']:,} excluded by the list, "
        f"{counts['unknown']:,} of "
        "its entries not known.",
    ])  # fmt: skip
