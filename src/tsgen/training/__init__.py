"""One readable loop for every model: devices, processes, checkpoints, resume, history."""

from .budget import plan_steps, seconds_per_step
from .checkpoint import Checkpoint
from .ema import ExponentialMovingAverage
from .loop import Fitted, Processes, Task, fit, resolve_device, threads
from .options import TrainingOptions

__all__ = [
    "Checkpoint",
    "ExponentialMovingAverage",
    "Fitted",
    "Processes",
    "Task",
    "TrainingOptions",
    "fit",
    "plan_steps",
    "resolve_device",
    "seconds_per_step",
    "threads",
]
