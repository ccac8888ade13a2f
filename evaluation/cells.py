"""Where a finished cell of a study is kept."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["cell_path"]


def cell_path(place: Path, study: dict[str, Any], arm: str, seed: int) -> Path:
    """Return where a cell is kept; the name changes with what its numbers depend on."""
    shown = {"arms", "seeds", "question", "reference", "judged", "against"}
    common = {k: v for k, v in study.items() if k not in shown}
    text = json.dumps([common, study["arms"][arm]], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return place / f"{arm}-{seed}-{digest}.json"
