"""What the measures of audiences and recommendations are called, wherever people read them."""

from __future__ import annotations

__all__ = ["audience_measure_title"]

_NAMES = {
    "precision": "precision@k, over all",
    "recall": "recall@k, over all",
    "precision_with_targets": "precision@k, over those with something to find",
    "recall_with_targets": "recall@k, over those with something to find",
    "hit_rate": "hit rate@k",
    "ndcg": "nDCG@k",
    "map": "MAP@k",
    "precision_new_pairs": "precision@k, new pairs",
    "precision_seen_pairs": "precision@k, seen pairs",
    "auc": "AUC",
    "user_coverage": "user coverage",
    "user_perplexity": "effective number of users (exponential of the entropy)",
    "item_coverage": "catalogue coverage",
    "item_perplexity": "effective number of items (exponential of the entropy)",
    "count_ratio": "expected over observed events",
    "count_log_score": "log score of counts (Poisson)",
    "chance_log_score": "log score of probabilities",
    "brier_score": "Brier score",
}
"""Measures as the field calls them; k is the length of the lists."""


def audience_measure_title(name: str) -> str:
    """Return what a reader calls the measure of this name, as the field does.

    Example:
        >>> audience_measure_title("user_rec_ndcg")
        'audiences: nDCG@k'
    """
    side, _, measure = name.partition("_rec_")
    if not measure:
        return _NAMES.get(name, name.replace("_", " ").replace("%", " %"))
    kind = "audiences" if side == "user" else "recommendations"
    return f"{kind}: {_NAMES.get(measure, measure.replace('_', ' '))}"
