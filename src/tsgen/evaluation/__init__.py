"""Protocols that answer a user's question, each giving one `StudyResult`.

Is a synthetic sample any good? `evaluate_fidelity` (datasets), `fidelity` (arrays of windows), and
`authors_context_fid` (the published Context-FID). Does it vary within one series and time?
`sampler_noise_spread`. Does it help the forecaster? `evaluate_forecast` (a `ForecastStudy`). Does a
model find the users who will act? `evaluate_audience`. Judges that must be trained live here too.
"""

from .answer import floor_gaps
from .audience import evaluate_audience
from .audience_protocol import AudienceEstimator, AudienceModel, Intensities
from .authors import Sampler, authors_context_fid
from .baselines import BASELINES, block_bootstrap, gaussian, jitter, mixing
from .channels import CROSS_CORRELATION
from .discriminators import discriminative_score
from .encoder import CausalEncoder, context_fid, load_encoder
from .encoder_training import EncoderSettings, train_encoder
from .features import FEATURES, window_features
from .fidelity import evaluate_fidelity, fidelity, score
from .forecast import evaluate_forecast
from .forecast_settings import Arm, Endpoint, Forecaster, ForecastStudy, Regime
from .forecasters import FORECASTERS
from .measures import MEASURES, NEAREST
from .result import StudyResult
from .spread import sampler_noise_spread
from .windows import scale_windows, windows_of

__all__ = [
    "BASELINES",
    "CROSS_CORRELATION",
    "FEATURES",
    "FORECASTERS",
    "MEASURES",
    "NEAREST",
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
    "authors_context_fid",
    "block_bootstrap",
    "context_fid",
    "discriminative_score",
    "evaluate_audience",
    "evaluate_fidelity",
    "evaluate_forecast",
    "fidelity",
    "floor_gaps",
    "gaussian",
    "jitter",
    "load_encoder",
    "mixing",
    "sampler_noise_spread",
    "scale_windows",
    "score",
    "train_encoder",
    "window_features",
    "windows_of",
]
