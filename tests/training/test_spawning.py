"""Several processes: the first leaves what was fitted, and an error comes back as it was."""

import os
import signal

import pytest
import torch
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from tsgen.errors import OutputError, TrainingDivergedError
from tsgen.interruption import Ended
from tsgen.training.spawning import launch


class Fabric:
    """Runs each process in this one, as Lightning would in others."""

    def __init__(self, ranks=2):
        self.ranks = ranks

    def launch(self, run, sealed):
        for rank in range(self.ranks):
            self.global_rank = rank
            try:
                run(self, sealed)
            except Exception as error:
                raise ProcessRaisedException(f"traceback of {error}", rank, 1) from None


def train(fabric, *arguments):
    weights = {"w": torch.full((2,), float(fabric.global_rank))}
    history = [{"step": 1, "threads": torch.get_num_threads()}]
    return weights, {"arguments": list(arguments)}, history


def test_what_the_first_process_fitted_comes_back():
    before = torch.get_num_threads()
    fitted = launch(Fabric(3), train, ("a", 5), num_threads=before + 1)
    assert fitted.weights["w"].tolist() == [0.0, 0.0]
    assert fitted.plan == {"arguments": ["a", 5]}
    assert fitted.history == [{"step": 1, "threads": before + 1}]
    assert torch.get_num_threads() == before


def test_an_error_of_ours_comes_back_with_its_facts():
    def diverging(fabric):
        raise TrainingDivergedError("NaN", step=35, stage=1)

    with pytest.raises(TrainingDivergedError, match=r"^NaN$") as caught:
        launch(Fabric(), diverging, (), num_threads=0)
    assert (caught.value.step, caught.value.stage) == (35, 1)


def test_an_error_of_ours_without_facts_comes_back():
    def refused(fabric):
        raise OutputError("The disk is full.")

    with pytest.raises(OutputError, match=r"^The disk is full\.$"):
        launch(Fabric(), refused, (), num_threads=0)


def test_an_error_of_the_program_stays_what_it_is():
    def wrong(fabric):
        raise ValueError("a mistake")

    with pytest.raises(ProcessRaisedException, match="a mistake"):
        launch(Fabric(), wrong, (), num_threads=0)


def test_a_signal_that_came_before_the_processes_could_act_is_an_interruption():
    class Killed:
        def launch(self, run, sealed):
            os.kill(os.getpid(), signal.SIGTERM)
            raise ProcessExitedException("gone", 0, 1, 143)

    with pytest.raises(Ended):
        launch(Killed(), train, (), num_threads=0)
