"""The models of the published comparison, each one setting.

Source: Ma, Liu, Deoras, "Bridging Recommendation and Marketing via Recurrent Intensity Modeling",
ICLR 2022, and the hyper-parameters of the authors' code.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PRESETS"]

_ACTIVITY = {
    "pop": "popularity",
    "ema": "moving-average",
    "hawkes": "hawkes-reference",
    "hp": "hawkes-poisson",
}
_GRU = {
    "hidden_size": 128,
    "num_layers": 2,
    "num_heads": 2,
    "max_length": 256,
    "batch_size": 64,
    "learning_rate": 0.1,
    "max_epochs": 20,
    "patience": 20,  # all epochs; the best one is kept
    "num_samples": 0,
}
_TRANSFORMER = _GRU | {
    "learning_rate": 0.05,  # of which it uses half
    "batch_size": 32,  # the authors' 64, in batches of similar length, stays at popularity longer
}


def _presets() -> dict[str, dict[str, Any]]:
    common: dict[str, Any] = {
        "repeats": "none",
        "num_decays": 50,
        "num_windows": 1,
        "scale_support": 0,
        "fading": None,
    }
    bases: dict[str, dict[str, Any]] = {
        "rand": {"relevance": "random", "activity": "none"},
        "pop": {"relevance": "popularity", "activity": "popularity"},
        "rnn": {"relevance": "gru", "activity": "none", "network": _GRU},
        "transformer": {"relevance": "transformer", "activity": "none", "network": _TRANSFORMER},
    }
    for suffix, activity in _ACTIVITY.items():
        if suffix != "pop":
            bases[suffix] = {"relevance": "popularity", "activity": activity}
        for network in ("rnn", "transformer"):
            bases[f"{network}-{suffix}"] = bases[network] | {"activity": activity}
    return {name: common | base for name, base in bases.items()}


PRESETS = _presets()
"""Name -> the settings it stands for."""
