"""The command line in a forked process: everything is imported already, and it may be killed."""

import codecs
import importlib
import os
import signal
import sys
import traceback

__all__ = ["ended", "fork", "import_everything", "wait"]

SIGNALS = {signal.SIGINT, signal.SIGTERM}
CRASHED = 99
"""Exit code of an exception that the command line let through."""


def import_everything():
    """Import what every verb needs, so that a forked process begins at once."""
    for name in (
        "torch",
        "lightning.fabric",
        "pyarrow.parquet",
        "concurrent.futures.process",  # as another user its file could not be read
        "tsgen.report",
        "tsgen.cli.main",
    ):
        importlib.import_module(name)
    for name in ("utf-8-sig", "cp437"):  # another user could not read their files either
        codecs.lookup(name)
    importlib.import_module("torch").set_num_threads(1)


def fork(words, log, prepare=lambda: None):
    """Run the command line in a forked process, what it says in a file; return its number.

    `prepare` is called in that process before it begins.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until the command line has begun
    process = os.fork()
    if process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return process
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    code = CRASHED
    try:
        prepare()
        code = _run(words)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(words):
    command_line = importlib.import_module("tsgen.cli.main")
    app = command_line.app

    def begin(**options):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        app(**options)

    command_line.app = begin
    sys.argv = ["tsgen", *words]
    try:
        command_line.main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return 0


def ended(status):
    """Return the exit code of a process, or minus the signal that ended it."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def wait(process):
    """Wait for a forked process; return how it ended."""
    return ended(os.waitpid(process, 0)[1])
