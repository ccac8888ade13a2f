"""Ids as other programs write them: what people find in the lists that they are sent."""

__all__ = ["WRITINGS", "log_of"]

import numpy as np
import pandas as pd


def _digits(one):
    return str(one).isdigit()


WRITINGS = {
    "as they are": lambda one: one,
    "text": str,
    "blanks": lambda one: f"\ufeff {one}\u00a0\t",
    "number": lambda one: int(str(one)) if _digits(one) else one,
    "float": lambda one: float(str(one)) if _digits(one) else one,
    "decimal text": lambda one: f"{one}.0" if _digits(one) else one,
    "decimal comma": lambda one: f"{one},00" if _digits(one) else one,
    "spreadsheet text": lambda one: f"'{one}",
    "spreadsheet formula": lambda one: f'="{one}"',
    "zeros lost": lambda one: str(one).lstrip("0") or "0" if _digits(one) else one,
    "upper case": lambda one: str(one).upper(),
    "dashes of text programs": lambda one: str(one).replace("-", "\u2011"),
    "marks of direction": lambda one: f"\u202a{one}\u202c",
    "curly quotes": lambda one: f"\u201c{one}\u201d",
    "quotes of SQL": lambda one: f"'{one}',",
    "backticks": lambda one: f"`{one}`",
    "angles": lambda one: f"<{one}>",
    "brackets": lambda one: f"[{one}]",
    "round brackets": lambda one: f"({one});",
    "hash": lambda one: f"#{one}",
    "star": lambda one: f"* {one}",
    "currency": lambda one: f"{one} \u20ac",
    "mailto": lambda one: f"mailto:{one}",
    "name and address": lambda one: f"Lee, Ann <{one}>" if "@" in str(one) else one,
    "thousands": lambda one: f"{int(str(one)):,}" if _digits(one) else one,
    "thousands with decimals": lambda one: f"{int(str(one)):,}.00" if _digits(one) else one,
    "dots": lambda one: f"{int(str(one)):,}".replace(",", ".") if _digits(one) else one,
    "digits of Arabic": lambda one: "".join(
        chr(0x660 + int(c)) if c in "0123456789" else c for c in str(one)
    ),
    "fullwidth": lambda one: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in str(one)),
}
"""What a list is called -> an id as it writes it."""


def log_of(users, seed=0, size=400):
    """Return a table of events of these users, all of them there, with tea, mug and pot."""
    random = np.random.default_rng(seed)
    who = np.concatenate([np.arange(len(users)), random.integers(0, len(users), size)])
    minutes = random.permutation(60 * 1440)[: len(who)]
    return pd.DataFrame({
        "user_id": pd.Series([users[k] for k in who]),
        "item_id": random.choice(["tea", "mug", "pot"], len(who)),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, "min"),
    })  # fmt: skip
