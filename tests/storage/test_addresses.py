"""What is an address, and what a path."""

import pytest

from tsgen.storage import is_address


@pytest.mark.parametrize(
    ("place", "answer"),
    [("s3://shop/events", True), ("memory://a.parquet", True), ("events/", False),
     ("/data/a:b.parquet", False), ("C:\\data", False)],
)  # fmt: skip
def test_an_address_names_its_file_system(place, answer):
    assert is_address(place) is answer
