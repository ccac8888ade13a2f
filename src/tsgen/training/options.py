"""How a model is trained, as opposed to what it is: seed, device, budget, checkpoints."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from tsgen.errors import ModelFormatError
from tsgen.rng import resolve_seed
from tsgen.settings import Settings

__all__ = ["SEED_FILE", "TimeBudget", "TrainingOptions"]

SEED_FILE = "seed.txt"
"""File of a checkpoint that holds the seed of the run."""

_SECONDS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def _seconds(budget: Any) -> Any:
    """Read "90s", "10min" or "1.5h" as seconds; numbers are seconds already."""
    if not isinstance(budget, str):
        return budget
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|sec|min|m|h)\s*", budget)
    if match is None:
        raise ValueError(f"'{budget}' is not a time; write 90s, 10min or 1.5h")
    return float(match[1]) * _SECONDS[match[2]]


TimeBudget = Annotated[Annotated[float, Field(gt=0)], BeforeValidator(_seconds)]
"""Seconds, or a text such as "90s" or "10min"."""


class TrainingOptions(Settings):
    """Circumstances of one training run; none of them is a property of the model.

    Example:
        >>> TrainingOptions(seed=7, budget="10min").budget
        600.0
    """

    seed: int | None = Field(default=None, ge=0)
    """Same seed, same numbers, on one kind of device. None draws one, which is recorded."""

    budget: TimeBudget | None = None
    """Seconds of training ("10min"), turned once into a schedule of steps by timing the stages."""

    budget_clock: Literal["wall", "cpu"] = "wall"
    """What the budget counts: wall time, or the processor time of this process (for studies)."""

    device: str = "auto"
    """"auto" (CUDA if there is one, else the CPU) or a torch device name."""

    devices: int = Field(default=1, ge=1)
    """How many processes share each batch; one GPU, or one process on the CPU, for each.
    RIM trains in one alone."""

    precision: Literal["32-true", "bf16-mixed"] = "32-true"
    """Arithmetic of the networks, in Lightning's words."""

    num_threads: int = Field(default=1, ge=0)
    """Processor threads of the networks; 0 leaves torch's own number. The networks are small: two
    threads made a step 1.3 times faster on a quiet machine, and many times slower on a busy one."""

    checkpoint: Path | None = None
    """Folder for the state of training: history rows as they come, and what a resume needs."""

    checkpoint_seconds: Annotated[float, BeforeValidator(_seconds), Field(ge=0)] = 60.0
    """Time between two checkpoints ("1min"); 0 saves after every step."""

    resume: bool = False
    """Continue from `checkpoint`, to the same numbers as if nothing had happened."""

    log_every: int = Field(default=25, ge=1)
    """Steps in one history row; losses are checked for NaN and infinity at each row."""

    progress: bool = True
    """Show a progress bar where there is a terminal."""

    on_row: Callable[[dict[str, Any]], object] | None = Field(default=None, exclude=True)
    """Called with each history row; returning True stops the training early."""

    def resolved(self, seed: int | None = None) -> Self:
        """Return these options with a seed: their own, a resumed run's, `seed`, or a fresh one."""
        if self.seed is not None:
            return self
        kept = None if self.checkpoint is None else self.checkpoint / SEED_FILE
        if self.resume and kept is not None and kept.is_file():
            return self.model_copy(update={"seed": _kept_seed(kept)})
        return self.model_copy(update={"seed": resolve_seed(seed)})


def _kept_seed(path: Path) -> int:
    """Return the seed that a checkpoint notes.

    Raises:
        ModelFormatError: The file holds none.
    """
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelFormatError(
            f"{path} is damaged and holds no seed; give the seed, or delete the folder and train "
            "anew."
        ) from None
