"""The command line: one module for each verb, or for verbs that share their options."""

from .main import app, main

__all__ = ["app", "main"]
