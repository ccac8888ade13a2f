"""`python -m tsgen` is the `tsgen` command, which begins here.

Signals are looked after before anything large is imported: an interruption ends with a sentence
and an exit code, never with a traceback.
"""

from __future__ import annotations

import sys
from types import TracebackType

__all__ = ["main"]

_INTERRUPTED = "interrupted: nothing was written.\n"


def main() -> None:
    """Run the command line."""
    sys.excepthook = _without_traceback
    from tsgen.interruption import end_as_interrupt, exit_code_of

    end_as_interrupt()
    try:
        from tsgen.cli import main as run
    except KeyboardInterrupt as error:
        sys.stderr.write(_INTERRUPTED)
        sys.exit(exit_code_of(error))
    run()


def _without_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report what nobody caught; Python itself ends as by the signal after an interruption."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(_INTERRUPTED)
    else:
        sys.__excepthook__(kind, error, trace)


if __name__ == "__main__":
    main()
