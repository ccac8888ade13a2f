"""What a verb gives back: results and words, files, exit codes, errors in one sentence."""

from .answering import answering, command_line
from .claims import claim, free_output, running, warnings_so_far, written_so_far
from .exit_codes import ExitCode
from .kept_cells import beside_cells, check_kept, remove_cells
from .list_counts import list_counts
from .printing import emit, say, show
from .tables import check_table, csv_text, write_table

__all__ = [
    "ExitCode",
    "answering",
    "beside_cells",
    "check_kept",
    "check_table",
    "claim",
    "command_line",
    "csv_text",
    "emit",
    "free_output",
    "list_counts",
    "remove_cells",
    "running",
    "say",
    "show",
    "warnings_so_far",
    "write_table",
    "written_so_far",
]
