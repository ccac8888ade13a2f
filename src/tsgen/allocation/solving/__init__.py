"""Assignments of users to campaigns, on arrays: greedy, exact, and by dual prices."""

from .assignment import Assignment
from .choice import BLOCK, Solver, check_solver, solve
from .dual import solve_dual
from .duals import Duals
from .exact import solve_exact
from .feasibility import explain_shortage
from .greedy import campaign_column, solve_greedy
from .limits import Limits
from .pairs import Block, DensePairs, PairBlocks, row_blocks
from .solution import Solution

__all__ = [
    "BLOCK",
    "Assignment",
    "Block",
    "DensePairs",
    "Duals",
    "Limits",
    "PairBlocks",
    "Solution",
    "Solver",
    "campaign_column",
    "check_solver",
    "explain_shortage",
    "row_blocks",
    "solve",
    "solve_dual",
    "solve_exact",
    "solve_greedy",
]
