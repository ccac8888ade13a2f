"""Tables of users or items as vectors, pretrained without labels."""

from .encoder import TabularEncoder
from .estimator import TabularEncoderEstimator

__all__ = ["TabularEncoder", "TabularEncoderEstimator"]
