"""Who is held out: a salted hash of the user's id decides, so that tomorrow it is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from tsgen.arrays import AnyIntegers, Keys, Mask

__all__ = ["UserHashes"]


class UserHashes:
    """One 64-bit hash for each user and salt, and from it a uniform number for each campaign.

    An id counts as it is written, so the number 17850 and the text "17850" are one user.

    Args:
        ids: (n,) ids of users.
        salt: Text that the draw depends on.

    Example:
        >>> hashes = UserHashes(range(1000), "spring")
        >>> held_out = hashes.held_out("bags", 0.1)
        >>> bool(70 <= held_out.sum() <= 130), bool(hashes.held_out("bags", 0.2)[held_out].all())
        (True, True)
    """

    def __init__(self, ids: Iterable[Any], salt: str) -> None:
        key = hashlib.sha256(salt.encode()).digest()
        texts = (str(one).encode() for one in ids)
        digests = b"".join(hashlib.blake2b(text, digest_size=8, key=key).digest() for text in texts)
        self._hashes = np.frombuffer(digests, "<u8")

    def of_rows(self, rows: AnyIntegers) -> UserHashes:
        """Return the hashes of some users."""
        part = UserHashes((), "")
        part._hashes = self._hashes[rows]
        return part

    def held_out(self, name: str, share: float) -> Mask:
        """Return who is held out of a campaign, or of all (name ""), shape (n,).

        Different names draw independently; a greater share holds out the same users and more.
        """
        if share <= 0:
            return np.zeros(len(self._hashes), bool)
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        mixed = _mix(self._hashes ^ np.frombuffer(digest, "<u8")[0])
        return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2**53 < share)


def _mix(numbers: Keys) -> Keys:
    """Return the numbers well mixed (the finaliser of splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
