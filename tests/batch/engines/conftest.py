"""A task whose worker dies, once or time after time."""

import dataclasses
import os

import pytest

from tsgen.batch import RecommendBatch


@pytest.fixture
def dying(tmp_path):
    """Return the task: the worker that begins a partition ends, so many times in all."""

    @dataclasses.dataclass(frozen=True)
    class Dying(RecommendBatch):
        place: str = str(tmp_path)
        times: int = 1

        def apply(self, model, table, end):
            deaths = os.path.join(self.place, "deaths")
            before = os.path.getsize(deaths) if os.path.exists(deaths) else 0
            if before < self.times:
                with open(deaths, "a") as file:
                    file.write("x")
                os._exit(9)
            return super().apply(model, table, end)

    return Dying
