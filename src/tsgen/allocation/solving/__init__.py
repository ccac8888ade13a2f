"""Assignments of users to campaigns, on arrays: greedy, exact, and by dual prices."""

from .choice import BLOCK, Solver, solve
from .dual import solve_dual
from .duals import Duals
from .exact import solve_exact
from .feasibility import explain_shortage
from .greedy import solve_greedy
from .limits import Limits
from .pairs import Block, DensePairs, PairBlocks
from .solution import Solution

__all__ = [
    "BLOCK",
    "Block",
    "DensePairs",
    "Duals",
    "Limits",
    "PairBlocks",
    "Solution",
    "Solver",
    "explain_shortage",
    "solve",
    "solve_dual",
    "solve_exact",
    "solve_greedy",
]
