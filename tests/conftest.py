"""What all tests share: hypothesis settings, and the larger data where a machine has them."""

import multiprocessing
import os
import sys
from html import escape
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # so that tests can say `from strategies import ...`

settings.register_profile("tsgen", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("tsgen")


LONGEST = ("test_readme.py", "test_examples.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no process waits for them at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def _global_state() -> dict[str, object]:
    """What a test must leave as it was; only modules that are loaded anyway are looked at."""
    state: dict[str, object] = {}
    if torch := sys.modules.get("torch"):
        state["torch's default dtype"] = torch.get_default_dtype()
        state["torch's number of threads"] = torch.get_num_threads()
        state["torch's gradient mode"] = torch.is_grad_enabled()
    if matplotlib := sys.modules.get("matplotlib"):
        state["matplotlib's rcParams"] = dict(matplotlib.rcParams)
    start_method = multiprocessing.get_start_method(allow_none=True)  # None is the first of all
    state["how processes start"] = start_method or multiprocessing.get_all_start_methods()[0]
    return state


@pytest.fixture(autouse=True)
def _global_state_stays(request: pytest.FixtureRequest):
    """Fail a test that changes global state; put random generators back, so that order is free."""
    before = _global_state()
    numpy_state = np.random.get_state()  # noqa: NPY002
    torch = sys.modules.get("torch")
    torch_state = torch.random.get_rng_state() if torch else None
    yield
    np.random.set_state(numpy_state)  # noqa: NPY002
    if torch_state is not None:
        torch.random.set_rng_state(torch_state)
    after = _global_state()
    changed = [name for name, value in before.items() if after[name] != value]
    if changed:
        pytest.fail(f"{request.node.name} changed {', '.join(changed)}")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let figures be empty images: for pages of which only the words are looked at."""
    from tsgen.report.sections import base

    monkeypatch.setattr(base, "svg_text", lambda ax, alt: f'<svg aria-label="{escape(alt)}"></svg>')


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of larger public data sets; tests that need it skip themselves without it."""
    place = Path(os.environ.get("TSGEN_DATA", HERE.parent.parent / "shared" / "data"))
    if not (place / "catalog.json").is_file():
        pytest.skip(f"no shared data at {place}; set TSGEN_DATA to their folder")
    return place
