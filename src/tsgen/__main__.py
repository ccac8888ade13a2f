"""`python -m tsgen` is the `tsgen` command."""

from tsgen.cli.main import main

main()
