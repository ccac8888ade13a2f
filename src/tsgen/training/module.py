"""A network with one Adam optimiser, as a task of the training loop: what the judges need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tsgen.errors import TrainingInterruptedError
from tsgen.interruption import interruption

from .loop import fit
from .options import TrainingOptions
from .processes import Processes
from .task import Fitted

__all__ = ["ModuleTask", "build_seeded", "train_module"]


class ModuleTask:
    """Trains `module` for `num_steps` steps of Adam on `loss(step)`."""

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[[int], torch.Tensor],
        *,
        num_steps: int,
        learning_rate: float,
    ) -> None:
        self.plan: dict[str, Any] = {"num_steps": num_steps}
        self.num_steps = num_steps
        self._module, self._loss = module, loss
        self._optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate)

    def step(self, step: int) -> Mapping[str, torch.Tensor | float]:
        """Take one step and return its loss."""
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(step)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return {"loss": loss.detach()}

    def facts(self, step: int) -> Mapping[str, float]:
        """Return no more columns."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return weights and optimiser state."""
        return {"module": self._module.state_dict(), "optimizer": self._optimizer.state_dict()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set weights and optimiser state."""
        self._module.load_state_dict(state["module"])
        self._optimizer.load_state_dict(state["optimizer"])

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
) -> Fitted:
    """Train `module` in place on the CPU, with the library's one loop.

    Args:
        module: The network.
        loss: Step number -> scalar loss; what it draws must depend on the seed and the step alone.
        num_steps: Steps in all.
        learning_rate: Of Adam.
        label: Name on the progress bar.

    Raises:
        TrainingDivergedError: The loss became NaN or infinite.
        KeyboardInterrupt: Ctrl-C or SIGTERM.
    """

    def make_task(processes: Processes, plan: dict[str, Any] | None) -> ModuleTask:
        return ModuleTask(module, loss, num_steps=num_steps, learning_rate=learning_rate)

    module.train()
    options = TrainingOptions(device="cpu", seed=0, num_threads=1)
    try:
        fitted = fit(make_task, options, label=label, fingerprint=label)
    except TrainingInterruptedError as error:  # nobody asked for a training to be resumed
        raise interruption(error.signal) from None
    module.eval()
    return fitted
