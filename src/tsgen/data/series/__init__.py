"""Series: tables, files, frames and GluonTS entries become a validated dataset, and back."""

from .channels import MultivariateDataset, joined, parts_of
from .conversion import to_dataset, to_frame, to_series
from .dataset import SeriesDataset
from .dynamic import DynamicFeatures, default_names
from .entry_streams import EntryStream, stream_entries
from .files import (
    CSV,
    check_table_layout,
    csv_header,
    csv_safe,
    read_series,
    whole_numbers,
    write_series,
)
from .reading import features_of_entries, rejoined
from .scaling import SeriesScaler
from .simulated import simulate_series
from .times import (
    Calendar,
    NumbersError,
    StepLabel,
    ambiguous_times,
    check_zone,
    grid_ordinal,
    nonexistent_times,
    normalise_freq,
    periods,
    refuse_times_beyond,
    split_freq,
    step_ordinal,
    step_ordinals,
    step_stamps,
    utc_offsets,
    wall_clock,
)
from .windows import WindowSampler, padded, window_starts

__all__ = [
    "CSV",
    "Calendar",
    "DynamicFeatures",
    "EntryStream",
    "MultivariateDataset",
    "NumbersError",
    "SeriesDataset",
    "SeriesScaler",
    "StepLabel",
    "WindowSampler",
    "ambiguous_times",
    "check_table_layout",
    "check_zone",
    "csv_header",
    "csv_safe",
    "default_names",
    "features_of_entries",
    "grid_ordinal",
    "joined",
    "nonexistent_times",
    "normalise_freq",
    "padded",
    "parts_of",
    "periods",
    "read_series",
    "refuse_times_beyond",
    "rejoined",
    "simulate_series",
    "split_freq",
    "step_ordinal",
    "step_ordinals",
    "step_stamps",
    "stream_entries",
    "to_dataset",
    "to_frame",
    "to_series",
    "utc_offsets",
    "wall_clock",
    "whole_numbers",
    "window_starts",
    "write_series",
]
