"""How much memory a result may take: sizes as text, and which of the limits counts."""

import resource
from types import SimpleNamespace

import pytest

from tsgen import memory
from tsgen.errors import SettingsError, TooLargeError
from tsgen.memory import (
    available_memory,
    check_memory,
    check_steps,
    check_training,
    lacks_memory,
    memory_limit,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("12", 12),
        ("1B", 1),
        ("2k", 2048),
        ("500MB", 500 << 20),
        (" 8 GiB ", 8 << 30),
        ("1.5G", 3 << 29),
        ("2tb", 2 << 40),
    ],
)
def test_sizes_are_powers_of_1024(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "0.0GB", "-1G", "many", "1 PB", "1GG"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(SettingsError, match=f"'{text}' is no size of memory; write for example"):
        parse_size(text)


def test_the_limit_asked_for_stands_before_the_variable_and_ends_with_its_block(monkeypatch):
    monkeypatch.setenv("TSGEN_MAX_MEMORY", "3MB")
    with memory_limit("1MB"):
        assert available_memory() == (1 << 20, "the limit asked for")
        with memory_limit(7):
            assert available_memory()[0] == 7
        assert available_memory()[0] == 1 << 20
    assert available_memory() == (3 << 20, "the limit of TSGEN_MAX_MEMORY")
    with memory_limit(None):
        assert available_memory()[0] == 3 << 20
    with pytest.raises(ZeroDivisionError), memory_limit(7):
        _ = 1 / 0
    assert available_memory()[0] == 3 << 20


@pytest.mark.parametrize("least", range(3))
def test_the_least_of_machine_container_and_process_counts(monkeypatch, least):
    monkeypatch.delenv("TSGEN_MAX_MEMORY", raising=False)
    for k, name in enumerate(("_free_on_machine", "_free_in_container", "_free_of_process")):
        monkeypatch.setattr(memory, name, lambda k=k: 5 if k == least else 9)
    assert available_memory() == (5, "the free memory")


def test_a_result_as_large_as_the_limit_fits_and_a_larger_one_is_refused():
    with memory_limit("1MB"):
        check_memory(1 << 20, "A table", "Take less.")
        with pytest.raises(TooLargeError) as caught:
            check_memory(1.5 * (1 << 20), "A table", "Take less.")
    assert str(caught.value) == (
        "A table would take about 1.5 MiB of memory, more than the limit asked for, "
        "1 MiB. Take less."
    )


def test_a_value_of_a_series_takes_64_bytes():
    with memory_limit(6400):
        check_steps(100, "A dataset")
        with pytest.raises(TooLargeError, match="A dataset is 101 values, which would take about"):
            check_steps(101, "A dataset")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1023, "1,023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (123 << 20, "123 MiB"),
        (1 << 50, "1 PiB"),
        (1 << 61, "2,048 PiB"),
    ],
)
def test_sizes_are_told_in_the_largest_unit_that_is_not_below_1(size, text):
    with memory_limit(0), pytest.raises(TooLargeError, match="Less") as caught:
        check_memory(size, "It", "Less.")
    assert f"about {text} of memory" in str(caught.value)


def test_a_container_leaves_its_limit_less_what_is_used(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    assert memory._free_in_container() == 1 << 62
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert memory._free_in_container() == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._free_in_container() == 1 << 62


def test_a_process_with_a_limit_of_addresses_leaves_what_is_not_mapped(monkeypatch):
    def limit(value):
        monkeypatch.setattr(memory.resource, "getrlimit", lambda _: (value, value))
        return memory._free_of_process()

    assert limit(resource.RLIM_INFINITY) == 1 << 62
    assert limit(1) == 0
    assert 0 < limit(1 << 60) < 1 << 60


def test_the_machine_says_what_is_available(monkeypatch):
    path = SimpleNamespace(read_text=lambda **_: "MemTotal: 9 kB\nMemAvailable:    5 kB\n")
    monkeypatch.setattr(memory, "Path", lambda _: path)
    assert memory._free_on_machine() == 5 << 10


def test_errors_about_memory_are_known_in_whoevers_words():
    told = ["unable to mmap 5 bytes: Cannot allocate memory (12)", "can't start new thread"]
    assert all(lacks_memory(RuntimeError(words)) for words in told)
    assert lacks_memory(MemoryError())
    assert not lacks_memory(ValueError("size mismatch for weight"))


def test_sizes_beyond_all_machines_stay_short():
    with pytest.raises(TooLargeError, match=r"about 5\.\d+e\+\d+ PiB of memory") as seen:
        check_steps(1e300, "That")
    assert len(str(seen.value)) < 200


def test_a_weight_in_training_takes_20_bytes():
    with memory_limit(2000):
        check_training(100)
        with pytest.raises(TooLargeError, match="Training 101 weights would take about"):
            check_training(101)
