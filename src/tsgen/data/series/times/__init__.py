"""The regular time grid of series: frequencies, time stamps, step numbers, the calendar."""

from .calendar import Calendar
from .frequency import (
    StepLabel,
    infer_freq,
    normalise_freq,
    periods,
    place_on_grid,
    refuse_times_beyond,
    split_freq,
    start_period,
    step_ordinals,
    step_stamps,
)
from .step_numbers import first_ordinal, grid_ordinal, number_times, step_ordinal
from .text_dates import check_date
from .timestamps import (
    NumbersError,
    ambiguous_times,
    check_zone,
    localise,
    nonexistent_times,
    utc_offsets,
    wall_clock,
)

__all__ = [
    "Calendar",
    "NumbersError",
    "StepLabel",
    "ambiguous_times",
    "check_date",
    "check_zone",
    "first_ordinal",
    "grid_ordinal",
    "infer_freq",
    "localise",
    "nonexistent_times",
    "normalise_freq",
    "number_times",
    "periods",
    "place_on_grid",
    "refuse_times_beyond",
    "split_freq",
    "start_period",
    "step_ordinal",
    "step_ordinals",
    "step_stamps",
    "utc_offsets",
    "wall_clock",
]
