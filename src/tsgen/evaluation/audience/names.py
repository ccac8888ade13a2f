"""What the field calls the measures of an audience study."""

from __future__ import annotations

__all__ = ["measure_name"]

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


def measure_name(metric: str) -> str:
    """Return what the field calls a measure, and whose lists it is of.

    Example:
        >>> measure_name("item_rec_ndcg"), measure_name("lift_at_1%")
        ('recommendations: nDCG@k', 'lift at 1%')
    """
    side, _, name = metric.partition("_rec_")
    if not name:
        return _NAMES.get(metric, metric.replace("_", " "))
    kind = "audiences" if side == "user" else "recommendations"
    return f"{kind}: {_NAMES.get(name, name.replace('_', ' '))}"
