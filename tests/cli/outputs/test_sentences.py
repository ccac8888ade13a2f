"""Errors that are not ours, in one sentence."""

import errno

import pytest

from tsgen.cli.outputs.sentences import in_one_line, sentence_of


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ValueError("std::bad_alloc"),
        ImportError("lib.so: failed to map segment from shared object"),
        ValueError("Unknown error: Failed to launch worker thread: Resource temporarily"),
    ],
)
def test_too_little_memory_is_said_with_what_to_do(error):
    sentence = sentence_of(error)
    assert sentence.startswith("There is not enough memory (")
    assert sentence.endswith("Ask for less at a time, or use a machine with more.")
    assert "()" not in sentence


def test_what_the_system_refuses_names_the_file_where_there_is_one():
    refused = OSError(errno.EACCES, "Permission denied", "/data/x")
    assert sentence_of(refused) == "/data/x: Permission denied."
    assert sentence_of(OSError(errno.ENOSPC, "No space left")) == "No space left."


def test_a_fault_of_ours_is_one_line_with_its_kind():
    sentence = sentence_of(KeyError("two\n   lines."))
    assert "(KeyError: 'two\\n lines.')" in sentence or "two" in sentence
    assert "\n" not in sentence
    assert "--debug" in sentence
    assert sentence_of(OSError("odd")).startswith("Something went wrong")


def test_long_texts_are_cut():
    sentence = sentence_of(ValueError("x" * 1000))
    assert "x" * 297 + "..." in sentence
    assert "x" * 298 not in sentence
    assert "x" * 300 in sentence_of(ValueError("x" * 300))


def test_a_text_that_is_no_unicode_is_said_without_python():
    with pytest.raises(UnicodeEncodeError) as seen:
        "a\udcff".encode()
    assert sentence_of(seen.value) == (
        "A text has '\\udcff', which is no character of Unicode; write it in UTF-8."
    )


def test_a_message_is_one_line_and_no_word_of_it_goes_on_for_pages():
    line = in_one_line(f"a\nb {'x' * 2_000_000} c\u2028d")
    assert line.startswith("a b xxx")
    assert line.endswith("... c d")
    assert len(line) < 320


def test_what_is_nested_without_end_is_called_so():
    assert "nested too deeply" in sentence_of(RecursionError("maximum recursion depth exceeded"))
