"""A network with one AdamW optimiser, as a task of the training loop: what the judges need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tsgen.errors import TrainingInterruptedError
from tsgen.interruption import interruption
from tsgen.memory import check_training

from .loop import fit
from .options import TrainingOptions
from .processes import Processes
from .task import Fitted

__all__ = ["ModuleTask", "build_seeded", "train_module"]


class ModuleTask:
    """Trains `module` for `num_steps` steps of AdamW on `loss(step)`; see `train_module`."""

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[[int], torch.Tensor],
        *,
        num_steps: int,
        learning_rate: float,
        weight_decay: float = 0.0,
        max_norm: float | None = None,
        one_cycle: bool = False,
    ) -> None:
        self.plan: dict[str, Any] = {"num_steps": num_steps}
        self.num_steps = num_steps
        self.exhausted = False
        self._module, self._loss, self._max_norm = module, loss, max_norm
        check_training(sum(p.numel() for p in module.parameters()))
        self._optimizer = torch.optim.AdamW(
            module.parameters(), lr=learning_rate, weight_decay=weight_decay
        )
        self._rates = None
        if one_cycle:
            self._rates = torch.optim.lr_scheduler.OneCycleLR(
                self._optimizer, learning_rate, total_steps=num_steps + 1
            )

    def step(self, step: int) -> Mapping[str, torch.Tensor | float]:
        """Take one step and return its loss."""
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(step)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._max_norm is not None:
            torch.nn.utils.clip_grad_norm_(self._module.parameters(), self._max_norm)
        self._optimizer.step()
        if self._rates is not None:
            self._rates.step()
        return {"loss": loss.detach()}

    def facts(self, step: int) -> Mapping[str, float]:
        """Return no more columns."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return weights, optimiser state and the place in the cycle."""
        state = {"module": self._module.state_dict(), "optimizer": self._optimizer.state_dict()}
        return state if self._rates is None else state | {"rates": self._rates.state_dict()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set weights, optimiser state and the place in the cycle."""
        self._module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._rates is not None:
            self._rates.load_state_dict(state["rates"])

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the weights."""
        return self._module.state_dict()


def build_seeded(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build a network whose initial weights depend on `seed` alone, leaving global state as it was.

    Args:
        make: Builds the network.
        seed: From 0 upwards.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would reach the GPU, too
        return make()


def train_module(
    module: nn.Module,
    loss: Callable[[int], torch.Tensor],
    *,
    num_steps: int,
    learning_rate: float,
    label: str,
    weight_decay: float = 0.0,
    max_norm: float | None = None,
    one_cycle: bool = False,
    progress: bool = True,
) -> Fitted:
    """Train `module` in place on the CPU, with the library's one loop.

    Args:
        module: The network.
        loss: Step number -> scalar loss; what it draws must depend on the seed and the step alone.
        num_steps: Steps in all.
        learning_rate: Of AdamW.
        label: Name on the progress bar.
        weight_decay: Of AdamW; 0 is Adam.
        max_norm: Gradients longer than this are cut to it; None cuts none.
        one_cycle: Whether the learning rate rises to `learning_rate` and falls to about nothing.
        progress: Whether a bar is shown.

    Raises:
        TrainingDivergedError: The loss became NaN or infinite.
        KeyboardInterrupt: Ctrl-C or SIGTERM.
    """

    def make_task(processes: Processes, plan: dict[str, Any] | None) -> ModuleTask:
        return ModuleTask(
            module,
            loss,
            num_steps=num_steps,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            max_norm=max_norm,
            one_cycle=one_cycle,
        )

    module.train()
    options = TrainingOptions(device="cpu", seed=0, num_threads=1, progress=progress)
    try:
        fitted = fit(make_task, options, label=label, fingerprint=label)
    except TrainingInterruptedError as error:  # nobody asked for a training to be resumed
        raise interruption(error.signal) from None
    module.eval()
    return fitted
