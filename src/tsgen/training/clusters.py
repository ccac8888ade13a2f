"""Clusters that teams operate: whether one answers, and commands on Ray."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tsgen.errors import DataError, MissingExtraError

__all__ = ["RayCommand", "check_answers", "check_package", "connected_ray"]

_PATIENCE = 10.0
_HOST = re.compile(r"(?:\w+://)?(?P<host>[^/\s:]+):(?P<port>\d+)/?")


def check_package(package: str, extra: str) -> None:
    """Refuse what needs a package that is not installed.

    Raises:
        MissingExtraError: It is not; the message names the extra that brings it.
    """
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(
            f"This needs {package}, which is not installed: "
            f'pip install "tsgen-forecasting[{extra}]".'
        )


def connected_ray() -> Any:
    """Return the module ray, connected to the cluster of `RAY_ADDRESS`, or to one of this machine.

    Raises:
        DataError: Nothing answers at `RAY_ADDRESS` within ten seconds.
        MissingExtraError: Ray is not installed.
    """
    check_package("ray", "ray")
    import ray

    if not ray.is_initialized():
        check_answers("RAY_ADDRESS", os.environ.get("RAY_ADDRESS", ""))
        os.environ.setdefault("RAY_worker_niceness", "0")  # else others leave them no time
        ray.init(log_to_driver=False)
    return ray


class RayCommand:
    """A command on one core of a Ray cluster, with the face of `subprocess.Popen`.

    Args:
        words: The command; its working directory is this process's.
        env: Its environment.
    """

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        self._ray = connected_ray()
        remote = self._ray.remote(num_cpus=1, max_retries=0)(_exit_code)
        self._running = remote.remote(list(words), dict(env), os.getcwd())

    def wait(self) -> int:
        """Return its exit code; 1 if the cluster lost it."""
        try:
            return int(self._ray.get(self._running))
        except self._ray.exceptions.RayError:
            return 1

    def terminate(self) -> None:
        """End it."""
        self._ray.cancel(self._running, force=True)


def _exit_code(words: list[str], env: dict[str, str], folder: str) -> int:
    return subprocess.run(words, env=env, cwd=folder, check=False).returncode


def check_answers(name: str, address: str) -> None:
    """Refuse a cluster's address at which nothing listens; one without a port is passed over.

    Args:
        name: Of the environment variable that holds it.
        address: Such as "ray://head:10001", "spark://head:7077" or "10.0.0.1:6379".

    Raises:
        DataError: Nothing answers within ten seconds.
    """
    at = _HOST.fullmatch(address)
    if at is None:
        return
    try:
        socket.create_connection((at["host"], int(at["port"])), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"No cluster answers at {name}={address} within {_PATIENCE:.0f} seconds ({reason}); "
            "start it, or unset the variable to work on this machine."
        ) from None
