"""Examples of docstrings as code on the site: Griffe knows them under "Examples" alone."""

from typing import Any

import griffe


class ExamplesAsCode(griffe.Extension):
    """Reads a section "Example" of a docstring as "Examples"."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Rename the section."""
        if obj.docstring is not None:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")
