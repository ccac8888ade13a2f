"""A cluster that does not answer."""

import socket

import pytest

from tsgen.errors import DataError
from tsgen.training.clusters import check_answers


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_address_where_something_listens_is_taken(port):
    check_answers("RAY_ADDRESS", f"ray://127.0.0.1:{port}")


def test_one_where_nothing_does_is_refused():
    with socket.socket() as taken:  # bound, but not listening: nobody else can begin to
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
        with pytest.raises(
            DataError, match=rf"No cluster answers at SPARK_MASTER=spark://.*{free}"
        ):
            check_answers("SPARK_MASTER", f"spark://127.0.0.1:{free}")


@pytest.mark.parametrize("address", ["", "auto", "local", "local[2]", "yarn"])
def test_names_without_a_port_are_the_engines_own(address):
    check_answers("RAY_ADDRESS", address)
