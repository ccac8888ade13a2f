"""What all tests share: hypothesis settings, and the larger data where a machine has them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # so that tests can say `from strategies import ...`

settings.register_profile("tsgen", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("tsgen")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of larger public data sets; tests that need it skip themselves without it."""
    place = Path(os.environ.get("TSGEN_DATA", HERE.parent.parent / "shared" / "data"))
    if not (place / "catalog.json").is_file():
        pytest.skip(f"no shared data at {place}; set TSGEN_DATA to their folder")
    return place
