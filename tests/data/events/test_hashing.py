"""Ids as digests: the published hash, and nothing lost but the names."""

import hashlib

import pandas as pd
import pytest

from tsgen.data import Interactions, Vocabulary, hash_users, hashed_id, hashed_vocabulary
from tsgen.data.events import are_digests, check_same_hashing
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError

SALT = "a long and secret text"


def test_a_digest_is_the_sha256_of_salt_and_id():
    expected = hashlib.sha256(SALT.encode() + b"\0" + b"7").hexdigest()
    assert hashed_id(7, SALT) == hashed_id("7", SALT) == expected
    with pytest.raises(SettingsError, match="The salt has 5 characters"):
        hashed_id("x", "short")


def test_every_event_value_and_attribute_stays_with_its_user():
    table = pd.DataFrame({
        "user_id": ["b", "a", "b", "c"], "item_id": [1, 2, 3, 1], "timestamp": [4, 3, 2, 1],
        "value": [1.0, 2.0, 3.0, 4.0],
    })  # fmt: skip
    users = pd.DataFrame({"user_id": ["a", "b", "c", "d"], "age": [1, 2, 3, 4]})
    log = Interactions.from_frame(table, users=users)
    hidden = hash_users(log, SALT)
    names = [hashed_id(user, SALT) for user in log.users.ids]
    assert list(hidden.users.ids) == sorted(names)
    for user, name in zip(log.users.ids, names, strict=True):
        pd.testing.assert_frame_equal(
            hidden.history(name).drop(columns="user_id", errors="ignore"),
            log.history(user).drop(columns="user_id", errors="ignore"),
        )
        ages = [part.user_table["age"].iloc[part.users.find([one])[0]] for part, one in
                ((hidden, name), (log, user))]  # fmt: skip
        assert ages[0] == ages[1]


def test_digests_are_in_their_own_order_and_say_where_the_codes_were():
    known = Vocabulary.of(pd.Series([3, 1, 2]), "user")[1]
    old, digests = hashed_vocabulary(known, SALT)
    assert list(digests.ids) == [hashed_id(known.ids[code], SALT) for code in old]
    assert list(digests.ids) == sorted(digests.ids)
    assert digests.what == "user"


def test_a_log_without_values_and_attributes_is_hashed_too():
    table = pd.DataFrame({"user_id": ["a"], "item_id": [1], "timestamp": [1]})
    hidden = hash_users(Interactions.from_frame(table), SALT)
    assert (hidden.value, hidden.user_table, len(hidden)) == (None, None, 1)
    assert hashed_id("a", SALT) != hashed_id("a", SALT + "x")


def vocabulary(*ids):
    return Vocabulary(pd.Index(ids, dtype=object), "user")


def test_digests_and_plain_ids_do_not_come_side_by_side():
    plain = vocabulary("a", "b", "c")
    digests = hashed_vocabulary(plain, SALT)[1]
    assert (are_digests(digests), are_digests(plain), are_digests(vocabulary())) == (
        True,
        False,
        False,
    )
    with pytest.raises(DataError, match=r"known are digests of ids.*are none \('a' is no digest\)"):
        check_same_hashing(digests, plain)
    with pytest.raises(DataError, match=r"known are no digests.*are digests \('a' is no digest\)"):
        check_same_hashing(plain, digests)
    with pytest.warns(DataWarning, match="None of the 3 users .* with the same salt"):
        check_same_hashing(digests, hashed_vocabulary(plain, "another secret text")[1])
    for older, newer in ((digests, digests), (plain, plain), (plain, vocabulary("z"))):
        check_same_hashing(older, newer)
    check_same_hashing(vocabulary(), digests)


def test_who_asks_a_vocabulary_of_digests_for_an_id_is_told():
    digests = hashed_vocabulary(vocabulary("a", "b"), SALT)[1]
    with pytest.raises(UnknownIdError, match=r"no user 'a'\. Ids here are digests"):
        digests.find(["a"])
