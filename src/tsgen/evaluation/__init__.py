"""Protocols that answer a user's question, each giving one `StudyResult`.

Is a synthetic sample any good? `evaluate_fidelity` (datasets), `window_fidelity` (windows), and
`authors_context_fid` (the published Context-FID). Does it vary within one series and time?
`sampler_noise_spread`. Does it help the forecaster? `evaluate_forecast` (a `ForecastStudy`). May
the samples be handed out in place of the data? `evaluate_share`. Does a model find the users who
will act? `evaluate_audience`, and for one campaign `evaluate_campaign`. Can a maker of series
combine what it saw apart? `evaluate_factors`. Judges that must be trained live here too.
"""

from tsgen.contracts import AudienceEstimator, AudienceModel, Intensities
from tsgen.results import StudyResult

from .allocation import evaluate_allocation
from .audience import audience_measure_title, evaluate_audience
from .augmentation import augmentation_result
from .campaign import evaluate_campaign
from .description import describe_data
from .factors import evaluate_factors
from .fidelity import (
    BASELINES,
    CROSS_CORRELATION,
    MEASURES,
    NEAREST,
    SHAPE_FEATURES,
    WINDOW_MEASURES,
    CausalEncoder,
    EncoderSettings,
    Sampler,
    authors_context_fid,
    context_fid,
    discriminative_score,
    evaluate_fidelity,
    floor_gaps,
    floor_ratios,
    floor_verdicts,
    load_encoder,
    measure_title,
    off_ideal,
    sampler_noise_spread,
    scale_windows,
    score,
    train_encoder,
    window_features,
    window_fidelity,
    windows_of,
)
from .forecast import (
    FORECASTERS,
    Arm,
    Endpoint,
    Forecaster,
    ForecastStudy,
    Regime,
    evaluate_forecast,
)
from .histograms import histogram_arrays, read_histograms
from .share import evaluate_share
from .study_folders import is_study_folder, study_result
from .uplift import evaluate_uplift

__all__ = [
    "BASELINES",
    "CROSS_CORRELATION",
    "FORECASTERS",
    "MEASURES",
    "NEAREST",
    "SHAPE_FEATURES",
    "WINDOW_MEASURES",
    "Arm",
    "AudienceEstimator",
    "AudienceModel",
    "CausalEncoder",
    "EncoderSettings",
    "Endpoint",
    "ForecastStudy",
    "Forecaster",
    "Intensities",
    "Regime",
    "Sampler",
    "StudyResult",
    "audience_measure_title",
    "augmentation_result",
    "authors_context_fid",
    "context_fid",
    "describe_data",
    "discriminative_score",
    "evaluate_allocation",
    "evaluate_audience",
    "evaluate_campaign",
    "evaluate_factors",
    "evaluate_fidelity",
    "evaluate_forecast",
    "evaluate_share",
    "evaluate_uplift",
    "floor_gaps",
    "floor_ratios",
    "floor_verdicts",
    "histogram_arrays",
    "is_study_folder",
    "load_encoder",
    "measure_title",
    "off_ideal",
    "read_histograms",
    "sampler_noise_spread",
    "scale_windows",
    "score",
    "study_result",
    "train_encoder",
    "window_features",
    "window_fidelity",
    "windows_of",
]
