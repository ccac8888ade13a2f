"""One network trained by Adam in the library's loop: steps, seeds, modes, interruptions."""

import os
import signal

import numpy as np
import pytest
import torch
from torch import nn

from tsgen.errors import TooLargeError, TrainingDivergedError
from tsgen.memory import memory_limit
from tsgen.training.module import ModuleTask, build_seeded, train_module


def line():
    """A line through the origin, whose slope is to become 2."""
    module = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        module.weight.fill_(0.5)
    return module


X = torch.linspace(-1, 1, 20)[:, None]


def misses(module):
    return lambda step: ((module(X) - 2 * X) ** 2).mean()


def adam(slope, steps, rate):
    """The slope after some steps of Adam, by its formula (Kingma and Ba, 2015)."""
    first = second = 0.0
    square = float((X**2).mean())
    for t in range(1, steps + 1):
        gradient = 2 * (slope - 2) * square
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        slope -= rate * (first / (1 - 0.9**t)) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
    return slope


@pytest.mark.parametrize("steps", [1, 7])
def test_a_module_is_trained_in_place_by_adam(steps):
    module, seen = line(), []
    loss = misses(module)
    fitted = train_module(module, lambda step: (seen.append(step), loss(step))[1],
                          num_steps=steps, learning_rate=0.05, label="a line")  # fmt: skip
    assert seen == list(range(steps))
    assert float(module.weight.detach()) == pytest.approx(adam(0.5, steps, 0.05), rel=1e-5)
    assert fitted.weights["weight"].item() == pytest.approx(float(module.weight.detach()))
    assert fitted.history[-1]["step"] == steps


def test_it_learns_and_is_ready_to_be_asked():
    module = nn.Sequential(line(), nn.Dropout(0.5)).eval()
    modes = []

    def loss(step):
        modes.append(module.training)
        return ((module[0](X) - 2 * X) ** 2).mean()

    train_module(module, loss, num_steps=200, learning_rate=0.05, label="a line")
    assert set(modes) == {True}
    assert not module.training
    assert float(module[0].weight.detach()) == pytest.approx(2.0, abs=0.02)


def test_a_step_tells_its_loss_and_a_task_goes_on_from_its_state():
    whole, first = line(), line()
    tasks = [ModuleTask(m, misses(m), num_steps=9, learning_rate=0.05) for m in (whole, first)]
    losses = [[float(task.step(k)["loss"]) for k in range(3)] for task in tasks]
    assert losses[0] == losses[1]
    assert losses[0][0] == pytest.approx(float((1.5**2) * (X**2).mean()))
    assert (tasks[0].plan, tasks[0].num_steps, tasks[0].facts(1)) == ({"num_steps": 9}, 9, {})
    third = line()
    resumed = ModuleTask(third, misses(third), num_steps=9, learning_rate=0.05)
    resumed.restore(tasks[1].state())
    for step in (3, 4):
        tasks[0].step(step)
        resumed.step(step)
    assert float(third.weight.detach()) == float(whole.weight.detach())
    assert resumed.weights().keys() == {"weight"}


def test_initial_weights_come_from_the_seed_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one, two, other = (build_seeded(lambda: nn.Linear(3, 2), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(one.weight, two.weight)
    assert not torch.equal(one.weight, other.weight)


def test_a_loss_that_is_no_number_is_an_error():
    module = line()
    with pytest.raises(TrainingDivergedError):
        train_module(module, lambda step: module(X).sum() * float("nan"), num_steps=3,
                     learning_rate=0.1, label="a line")  # fmt: skip


def test_ctrl_c_is_an_interruption_and_no_training_to_be_resumed():
    module = line()

    def loss(step):
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return misses(module)(step)

    with pytest.raises(KeyboardInterrupt):
        train_module(module, loss, num_steps=50, learning_rate=0.1, label="a line")


def test_in_one_cycle_the_rate_rises_to_its_peak_and_falls_to_about_nothing():
    """With a constant gradient each step of Adam is about as long as the learning rate.

    About, as the cycle moves the momentum too.
    """
    places = []
    module = line()

    def loss(step):
        places.append(float(module.weight.detach()))
        return -module.weight.sum()

    train_module(module, loss, num_steps=40, learning_rate=0.05, one_cycle=True, label="a line")
    rates = np.diff([*places, float(module.weight.detach())])
    peak = int(rates.argmax())
    assert rates[peak] == pytest.approx(0.05, rel=0.15)
    assert 5 < peak < 20
    assert (np.diff(rates[: peak + 1]) > 0).all()
    assert (np.diff(rates[peak:]) < 0).all()
    assert rates[0] < 0.2 * rates[peak]
    assert rates[-1] < 0.02 * rates[peak]


def test_more_weights_than_memory_are_refused():
    with memory_limit(19), pytest.raises(TooLargeError, match="Training 1 weights"):
        train_module(line(), misses(line()), num_steps=1, learning_rate=0.05, label="a line")
