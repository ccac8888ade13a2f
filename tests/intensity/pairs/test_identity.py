"""Keys stay with users and pairs, whatever they are called and however the log goes on."""

import numpy as np
import pandas as pd

from tsgen.data import Histories, Interactions
from tsgen.intensity.pairs.identity import item_keys, pair_keys, user_keys

SECOND = 10**6


def log_of(rows):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return Interactions.from_frame(table.astype({"timestamp": float}), on_duplicate="keep")


def rows_of(num_users=30, seed=0):
    random = np.random.default_rng(seed)
    return [
        (user, int(random.integers(0, 6)), round(float(t) * 64) / 64)
        for user in range(num_users)
        for t in random.uniform(0, 10, 1 + user % 4)
    ]


def keys_of(rows, at, seed=1):
    """User -> key, of those with a history."""
    events = log_of(rows)
    past = Histories.of(events, at * SECOND)
    past = past.subset(past.lengths > 0)
    names = events.users.ids[past.users]
    return dict(zip(names, user_keys(past, seed).tolist(), strict=True))


def test_a_later_time_changes_the_keys_of_those_alone_who_did_something():
    rows = rows_of()
    before, after = keys_of(rows, 9.0), keys_of(rows, 9.5)
    between = {user for user, _, t in rows if 9.0 <= t < 9.5}
    assert between
    for user in before:
        assert (before[user] == after[user]) == (user not in between)


def test_names_and_the_time_of_it_all_change_nothing_and_the_seed_all():
    rows = rows_of()
    renamed = np.random.default_rng(1).permutation(30)
    shifted = [(int(renamed[user]), item, t + 1000.0) for user, item, t in rows]
    keys, again = keys_of(rows, 10), keys_of(shifted, 1010)
    assert {int(renamed[user]): key for user, key in keys.items()} == again
    assert not set(keys.values()) & set(keys_of(rows, 10, seed=2).values())


def test_users_of_the_same_times_have_keys_of_their_own():
    rows = [(user, user % 3, 1.0) for user in range(20)]
    assert len(set(keys_of(rows, 2.0).values())) == 20


def test_the_key_of_an_item_is_of_its_first_event():
    rows = rows_of()
    early, late = (item_keys(Histories.of(log_of(rows), at * SECOND)) for at in (9, 10))
    known = {item for _, item, t in rows if t < 9}
    assert all(early[item] == late[item] for item in known)
    assert len(set(late.tolist())) == len(late)


def test_pairs_are_told_apart_by_both():
    users, items = np.array([3, 4], np.uint64), np.array([3, 4, 5], np.uint64)
    request, item = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    assert len(set(pair_keys(users, items, request, item).tolist())) == 6


def test_nobody_has_no_key():
    past = Histories.of(log_of(rows_of()), 0)
    assert user_keys(past.subset(past.lengths > 0), 1).tolist() == []
