"""A cluster that does not answer."""

import socket
import sys
from types import SimpleNamespace

import pytest

from tsgen.errors import DataError
from tsgen.training import clusters
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


def test_workers_of_this_machine_have_the_priority_of_other_processes(monkeypatch):
    environment, seen = {}, []
    ray = SimpleNamespace(
        is_initialized=lambda: False, init=lambda **_: seen.append(dict(environment))
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(clusters, "check_package", lambda *_: None)
    monkeypatch.setattr(clusters.os, "environ", environment)
    assert clusters.connected_ray() is ray
    environment["RAY_worker_niceness"] = "7"
    clusters.connected_ray()
    assert [env["RAY_worker_niceness"] for env in seen] == ["0", "7"]
