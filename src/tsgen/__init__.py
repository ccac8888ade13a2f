"""tsgen: realistic synthetic time series and audience forecasting, on GluonTS datasets.

Names load when they are first used, so that `import tsgen` stays cheap: it imports next to nothing,
not even `typing`, as a signal that comes meanwhile is Python's to report.
"""

from importlib import import_module

from tsgen.version import __version__

TYPE_CHECKING = False

if TYPE_CHECKING:  # for editors and type checkers; at run time see __getattr__
    from tsgen.allocation import allocate
    from tsgen.curation import choose_augmentation
    from tsgen.data import (
        Interactions,
        SeriesDataset,
        load_sample,
        read_interactions,
        read_series,
        to_dataset,
        to_frame,
    )
    from tsgen.errors import DataError, ModelFormatError, SettingsError, TsgenError
    from tsgen.intensity import RIMEstimator, RIMModel
    from tsgen.persistence import load
    from tsgen.psagan import (
        PSAGANEstimator,
        PSAGANForecastEstimator,
        PSAGANSynthesizer,
        augment,
    )
    from tsgen.responsible import bias_report, rebalance
    from tsgen.training import TrainingOptions

_HOMES = {
    "DataError": "tsgen.errors",
    "Interactions": "tsgen.data",
    "ModelFormatError": "tsgen.errors",
    "PSAGANEstimator": "tsgen.psagan",
    "PSAGANForecastEstimator": "tsgen.psagan",
    "PSAGANSynthesizer": "tsgen.psagan",
    "RIMEstimator": "tsgen.intensity",
    "RIMModel": "tsgen.intensity",
    "SeriesDataset": "tsgen.data",
    "SettingsError": "tsgen.errors",
    "TrainingOptions": "tsgen.training",
    "TsgenError": "tsgen.errors",
    "allocate": "tsgen.allocation",
    "augment": "tsgen.psagan",
    "bias_report": "tsgen.responsible",
    "choose_augmentation": "tsgen.curation",
    "load": "tsgen.persistence",
    "load_sample": "tsgen.data",
    "read_interactions": "tsgen.data",
    "read_series": "tsgen.data",
    "rebalance": "tsgen.responsible",
    "to_dataset": "tsgen.data",
    "to_frame": "tsgen.data",
}

__all__ = [
    "DataError",
    "Interactions",
    "ModelFormatError",
    "PSAGANEstimator",
    "PSAGANForecastEstimator",
    "PSAGANSynthesizer",
    "RIMEstimator",
    "RIMModel",
    "SeriesDataset",
    "SettingsError",
    "TrainingOptions",
    "TsgenError",
    "__version__",
    "allocate",
    "augment",
    "bias_report",
    "choose_augmentation",
    "load",
    "load_sample",
    "read_interactions",
    "read_series",
    "rebalance",
    "to_dataset",
    "to_frame",
]


_ROOMS = {
    "batch", "curation", "data", "evaluation", "features", "intensity", "metrics", "psagan",
    "report", "responsible", "training",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"tsgen.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'tsgen' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
