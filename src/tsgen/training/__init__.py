"""One readable loop for every model: devices, processes, checkpoints, resume, history."""

from .budget import CLOCKS, Clock, plan_steps, seconds_per_step
from .checkpoint import Checkpoint
from .clusters import RayCommand, check_answers, check_package, connected_ray
from .ema import ExponentialMovingAverage
from .loop import fit
from .module import build_seeded, train_module
from .options import TimeBudget, TrainingOptions
from .processes import Processes, resolve_device, threads
from .task import Fitted, Task

__all__ = [
    "CLOCKS",
    "Checkpoint",
    "Clock",
    "ExponentialMovingAverage",
    "Fitted",
    "Processes",
    "RayCommand",
    "Task",
    "TimeBudget",
    "TrainingOptions",
    "build_seeded",
    "check_answers",
    "check_package",
    "connected_ray",
    "fit",
    "plan_steps",
    "resolve_device",
    "seconds_per_step",
    "threads",
    "train_module",
]
