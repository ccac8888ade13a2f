"""Run a study: the same as `tsgen evaluate study`.

python evaluation/run.py evaluation/studies/NAME.toml --data DIR [--jobs 2] [--arm A] [--seed 1]
"""

import sys

from tsgen.cli import app

if __name__ == "__main__":
    app(["evaluate", "study", *sys.argv[1:]])
