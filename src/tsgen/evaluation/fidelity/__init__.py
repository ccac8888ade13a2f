"""Are samples any good? Measures beside what real windows score in the same test."""

from tsgen.curation import WINDOW_BASELINES as BASELINES

from .answer import floor_gaps, floor_ratios, floor_verdicts, off_ideal
from .channels import joint_windows
from .encoder import CausalEncoder, context_fid, load_encoder
from .encoder_training import EncoderSettings, train_encoder
from .judges import discriminative_score, discriminative_scores
from .measures import CROSS_CORRELATION, MEASURES, NEAREST, WINDOW_MEASURES, measure_title
from .published_protocol import Sampler, authors_context_fid, sampler_of
from .shape_features import SHAPE_FEATURES, window_features
from .spread import sampler_noise_spread
from .study import evaluate_fidelity, score, window_fidelity
from .windows import scale_windows, windows_of

__all__ = [
    "BASELINES",
    "CROSS_CORRELATION",
    "MEASURES",
    "NEAREST",
    "SHAPE_FEATURES",
    "WINDOW_MEASURES",
    "CausalEncoder",
    "EncoderSettings",
    "Sampler",
    "authors_context_fid",
    "context_fid",
    "discriminative_score",
    "discriminative_scores",
    "evaluate_fidelity",
    "floor_gaps",
    "floor_ratios",
    "floor_verdicts",
    "joint_windows",
    "load_encoder",
    "measure_title",
    "off_ideal",
    "sampler_noise_spread",
    "sampler_of",
    "scale_windows",
    "score",
    "train_encoder",
    "window_features",
    "window_fidelity",
    "windows_of",
]
