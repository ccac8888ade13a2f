"""The rooms of `src/tsgen`, read from `rooms.toml`; as a script, it prints the README's table."""

import tomllib
from pathlib import Path

_TABLE = tomllib.loads((Path(__file__).parent / "rooms.toml").read_text(encoding="utf-8"))

FOUNDATION = set(_TABLE["foundation"])
ROOMS = {room["name"]: room for room in _TABLE["room"]}
MAY_IMPORT = {
    name: set(ROOMS) if room["may_import"] == ["all"] else set(room["may_import"])
    for name, room in ROOMS.items()
} | {"__main__": {"cli"}, "__init__": set(ROOMS)}


def readme_table():
    """Return the README's table of rooms, lowest first."""
    words = " ".join(f"`{name}`" for name in _TABLE["foundation"])
    lines = [
        "| room of `src/tsgen` | what it does | may import |",
        "| --- | --- | --- |",
        f"| {words} | words that every room shares | each other |",
    ]
    for name, room in ROOMS.items():
        names = room["may_import"]
        allowed = "all" if names == ["all"] else ", ".join(f"`{n}`" for n in names)
        lines.append(f"| `{name}` | {room['does']} | {allowed or 'the shared words'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(readme_table())
