"""`python -m tsgen` is the `tsgen` command, which begins here.

Signals are looked after before anything large is imported: an interruption ends with a sentence
and an exit code, never with a traceback.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    from tsgen.interruption import end_as_interrupt, exit_code_of

    end_as_interrupt()
    try:
        from tsgen.cli import main as run
    except KeyboardInterrupt as error:
        sys.stderr.write("interrupted: nothing was written.\n")
        sys.exit(exit_code_of(error))
    run()


if __name__ == "__main__":
    main()
