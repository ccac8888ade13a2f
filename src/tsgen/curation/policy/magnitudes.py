"""How strong an operation is: the setting that says it, and the levels that are tried."""

from __future__ import annotations

from tsgen.errors import SettingsError

from ..operations import TRANSFORMS, Transform

__all__ = ["IDENTITY", "MAGNITUDES", "transform_of"]

IDENTITY = "identity"

MAGNITUDES: dict[str, tuple[str, tuple[float, ...]]] = {
    "jitter": ("share", (0.02, 0.05, 0.1, 0.2)),
    "scaling": ("sigma", (0.1, 0.2, 0.4)),
    "magnitude_warp": ("sigma", (0.1, 0.2, 0.4)),
    "time_warp": ("sigma", (0.1, 0.2, 0.4)),
    "window_slice": ("share", (0.95, 0.9, 0.8)),
    "frequency_masking": ("share", (0.05, 0.1, 0.2)),
    "phase_randomisation": ("strength", (0.25, 0.5, 1.0)),
    "trend_change": ("sigma", (0.25, 0.5, 1.0)),
}
"""Transform -> the setting that is its magnitude, and the levels tried; others have none."""


def transform_of(name: str, magnitude: float | None) -> Transform:
    """Return a transform at a magnitude; None is its usual one.

    Raises:
        SettingsError: There is no such transform, or it has no magnitude.
    """
    if magnitude is not None and name in TRANSFORMS and name not in MAGNITUDES:
        raise SettingsError(f"'{name}' has no magnitude; leave magnitude={magnitude} out.")
    settings = (
        {} if magnitude is None or name not in MAGNITUDES else {MAGNITUDES[name][0]: magnitude}
    )
    return Transform(name, settings)
