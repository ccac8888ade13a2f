"""Pure functions on arrays of windows: fidelity, diversity and memorisation.

Every function takes arrays with one window (or embedding) a row, computes in float64, refuses
missing values, and returns numbers or arrays; none draws random numbers. A number alone says
little: compare it with what real windows score against other real windows at the same counts, as
`tsgen.evaluation.fidelity` does.
"""

from .distances import nearest_distances, neighbour_radii
from .diversity import coverage, density, noise_spread
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
from .memorisation import membership_advantage, nearest_real_distance_ratio

__all__ = [
    "autocorrelation",
    "autocorrelation_distance",
    "coverage",
    "density",
    "frechet_distance",
    "linear_predictive_ratio",
    "marginal_distance",
    "membership_advantage",
    "nearest_distances",
    "nearest_real_distance_ratio",
    "neighbour_radii",
    "noise_spread",
    "spectral_distance",
    "spectrum",
    "step_distance",
]
