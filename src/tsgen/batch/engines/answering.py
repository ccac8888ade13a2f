"""Whether a cluster answers, before its own client waits for minutes."""

from __future__ import annotations

import re
import socket

from tsgen.errors import DataError

__all__ = ["check_answers"]

_PATIENCE = 10.0
_HOST = re.compile(r"(?:\w+://)?(?P<host>[^/\s:]+):(?P<port>\d+)/?")


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
