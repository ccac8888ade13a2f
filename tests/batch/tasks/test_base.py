"""What every task can do."""

from tsgen.batch import AudienceBatch


def test_what_merging_alone_looks_at_is_no_setting_of_partitions():
    one, other = (AudienceBatch(items=(1,), on_unknown=word) for word in ("error", "warn"))
    assert one.settings() == other.settings()
    assert one.settings() != AudienceBatch(items=(2,)).settings()
