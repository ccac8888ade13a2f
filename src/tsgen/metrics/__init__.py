"""Pure functions on arrays: of windows (fidelity, diversity, memorisation) and of scores.

Every function computes in float64, refuses missing values (those of several channels leave them
out), and returns numbers or arrays; none draws random numbers. Those of windows take one window (or
embedding) a row. There, a number alone
says little: compare it with what real windows score against other real windows at the same counts,
as `tsgen.evaluation.window_fidelity` does. Those of scores take (users, items), dense or in blocks.
"""

from .calibration import (
    CalibrationTable,
    bernoulli_log_score,
    brier_score,
    calibration_table,
    poisson_log_score,
)
from .calibration_fit import CalibrationFit, Estimate, calibration_fit
from .copies import CopyCheck, find_copies
from .dependence import cross_correlation, cross_correlation_distance
from .distances import nearest_distances, neighbour_radii
from .diversity import coverage, density, noise_spread
from .exposure import item_coverage, item_perplexity, perplexity, user_coverage, user_perplexity
from .fidelity import (
    autocorrelation,
    autocorrelation_distance,
    frechet_distance,
    linear_predictive_ratio,
    marginal_distance,
    spectral_distance,
    spectrum,
    step_distance,
)
from .membership import likelihood_ratios, true_positive_interval, true_positive_rate
from .memorisation import membership_advantage, nearest_real_distance_ratio
from .places import TargetPlaces, auc_by_item, gain, lift, target_places
from .ranked import average_precision, ndcg, ranked_hits
from .ranking import (
    one_percent,
    precision,
    ranking_report,
    recall_by_item,
    recall_by_user,
    select_items,
    select_users,
    without,
)
from .resampling import (
    LEVEL,
    MeanOverItems,
    Ratio,
    ReselectedPrecision,
    WeightedMeasure,
    bootstrap,
    first_weights,
    mean_interval,
    percentile_interval,
    reach_of,
    resample_counts,
    student_quantile,
)

__all__ = [
    "LEVEL",
    "CalibrationFit",
    "CalibrationTable",
    "CopyCheck",
    "Estimate",
    "MeanOverItems",
    "Ratio",
    "ReselectedPrecision",
    "TargetPlaces",
    "WeightedMeasure",
    "auc_by_item",
    "autocorrelation",
    "autocorrelation_distance",
    "average_precision",
    "bernoulli_log_score",
    "bootstrap",
    "brier_score",
    "calibration_fit",
    "calibration_table",
    "coverage",
    "cross_correlation",
    "cross_correlation_distance",
    "density",
    "find_copies",
    "first_weights",
    "frechet_distance",
    "gain",
    "item_coverage",
    "item_perplexity",
    "lift",
    "likelihood_ratios",
    "linear_predictive_ratio",
    "marginal_distance",
    "mean_interval",
    "membership_advantage",
    "ndcg",
    "nearest_distances",
    "nearest_real_distance_ratio",
    "neighbour_radii",
    "noise_spread",
    "one_percent",
    "percentile_interval",
    "perplexity",
    "poisson_log_score",
    "precision",
    "ranked_hits",
    "ranking_report",
    "reach_of",
    "recall_by_item",
    "recall_by_user",
    "resample_counts",
    "select_items",
    "select_users",
    "spectral_distance",
    "spectrum",
    "step_distance",
    "student_quantile",
    "target_places",
    "true_positive_interval",
    "true_positive_rate",
    "user_coverage",
    "user_perplexity",
    "without",
]
