"""Cases of the fuzzer: what is damaged, and which reader or verb is then called."""

import csv
import io
import json
import tomllib
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from reliability.fuzz_inputs import arrow_of, contents

__all__ = [
    "READS",
    "VERBS",
    "Case",
    "damage",
    "damage_bytes",
    "damage_parquet",
    "damage_value",
    "draw_case",
]


@dataclass(frozen=True)
class Case:
    """One call, and the files that are other than whole for it."""

    call: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    def to_json(self):
        texts = {name: content.decode("latin-1") for name, content in self.files.items()}
        return {"call": list(self.call), "files": texts}

    @classmethod
    def from_json(cls, value):
        files = {name: text.encode("latin-1") for name, text in value["files"].items()}
        return cls(tuple(value["call"]), files)


READS = {
    "read series": (
        "load.csv",
        "load.tsv",
        "load.parquet",
        "parts",
        "entries.jsonl",
        "entries.arrow",
        "folder",
    ),
    "read events": ("log.csv", "log.tsv", "log.parquet", "logs"),
    "read ids": ("ids.txt", "ids.csv", "ids.parquet"),
    "read attributes": ("users.csv", "users.parquet"),
    "read config": ("config.toml", "config.json"),
    "read campaigns": ("campaigns.toml",),
    "read study": ("study.toml",),
    "entries": (),
    "frame": (),
    "event frame": (),
}
"""Calls of the library, and the inputs that each reads."""

TINY = "--set target_length=8 --set num_steps=2 --set batch_size=4 --set channels=[4]"
NEXT = TINY.replace("target_length=8", "context_length=8") + " --set prediction_length=4"
POP = "--set relevance=popularity --set activity=moving-average --set horizon=7D"
VERBS = tuple(
    line.split()
    for line in (
        f"train psa-gan load.csv -o out {TINY} --seed 1",
        "train psa-gan load.parquet -o out --config config.toml --seed 1",
        "train psa-gan load.csv -o out --from psagan --set num_steps=2",
        f"train psa-gan-c folder -o out {NEXT} --seed 1",
        f"train rim log.csv -o out {POP} --seed 1",
        "train rim log.parquet -o out --config rim.toml --read users=users.csv",
        f"train psa-gan load.csv -o out {TINY} --dry-run",
        "train tabular-encoder users.csv --leave-out user_id -o out --set num_steps=5 --seed 1",
        "sample psagan -n 2 -o out.csv --seed 1",
        "sample psagan -n 2 -o out.parquet --item series-1 --start 2024-01-02 --length 40",
        "sample psagan -n 1 --like load.csv --length like -o out --missing none --noise-scale 1.5",
        "augment load.csv psagan --ratio 0.5 -o out.parquet --seed 2",
        "augment load.csv --by mixing --ratio 1 -o out.csv --seed 2",
        "forecast forecaster load.csv -o out.parquet --seed 2 --quantile 0.5",
        "forecast forecaster load.csv -o out.csv --samples -n 3",
        "impute forecaster load.csv -o out.parquet --seed 2",
        "audience shop --item i1 --size 5 -o out.csv --exclude ids.txt",
        "audience shop --item i1 --item i2 --where country=France --threshold 0.01 --json",
        "audience shop --item i1 --size 5 --events log.csv --at 2024-03-01",
        "recommend shop --user u01 --size 3 --json",
        "recommend shop --users ids.csv --size 3 -o out.csv",
        "allocate shop campaigns.toml -o out.parquet --holdouts held.csv --prices prices.json",
        "inspect load.csv --json",
        "inspect psagan",
        "inspect run",
        "report run run2 -o out.html --title T",
        "report load.csv log.csv -o out.html",
        "evaluate fidelity load.csv load.parquet -o out --num-windows 20 --target-length 8",
        "evaluate forecast study.toml -o out --data load.csv",
        f"evaluate audience log.csv -o out {POP} --seed 1",
        f"evaluate allocation log.csv campaigns.toml -o out {POP}",
        "evaluate uplift log.csv campaigns.toml --contacts contacts.csv --holdouts holdouts.csv "
        "-o out --begin 2024-02-03 --horizon 7D",
        "evaluate study study.toml --data load.csv",
        "drift shop kept --item i1 --size 5 --users users.csv --facet kind -o out "
        "--allow stayed=0.5:1",
        "drift log.csv later.csv -o out",
        "evaluate bias --model kept --item i1 --size 5 --users users.csv --facet kind "
        "--outcomes later.csv --at 2024-03-01 --horizon 7D -o out --seed 1 --line 0.8",
        "evaluate bias --audience ids.csv --users users.csv --facet kind=k0|k1 -o out --seed 1",
        "evaluate bias --real kinds.csv --generated kinds.csv --facet kind "
        "--read static=kind -o out --seed 1",
        "update kept later.csv -o out --at 2024-05-01",
        "update shop later.parquet -o out --log log.csv",
        "audience kept --item n1 --size 3 --new-items new.csv -o out.csv --why",
        "recommend kept --user u01 --size 3 --new-items new.csv --events later.csv -o out.csv",
        "allocate kept campaigns.toml -o out.csv --new-items new.csv --events log.csv "
        "--solver greedy --set max_contacts=2 --contacts past.csv --run outrun",
        "allocate kept campaigns.toml -o out.csv --run outrun --exclude ids.txt --summary outs.csv",
        "augment load.csv --auto --prediction-length 4 --candidate jitter -o out.csv",
        "evaluate share load.csv --prediction-length 4 --synthesizer mixing -o out",
        "evaluate factors -o out --world waves --split random --maker mixing --seed 1",
        "evaluate interaction load.csv --forecaster reference_linear --prediction-length 2 "
        "--windows 4 --context 4 --series series-0 -o out --seed 1",
        "explain scores kept --item i1 --size 3 --age 7D -o out --seed 1",
        "explain forecast forecaster load.csv --series series-0 --blocks 2 -o out --seed 1",
        "distil kept -o out --rank 2 --seed 1 --set num_steps=5",
        "forget shop --ids ids.txt -o out",
        "forget psagan --id series-1 -o out",
        "batch audience shop log.parquet --item i1 --size 5 --exclude ids.txt -o out.csv --jobs 1",
        "batch recommend shop log.parquet --size 2 -o out.parquet --jobs 1",
        "batch score shop logs --item i1 -o out.csv --partitions 2 --jobs 1",
        "batch allocate shop log.parquet --campaigns campaigns.toml -o out.csv --jobs 1 "
        "--holdouts held.csv --summary outs.csv --prices prices.json --exclude ids.txt",
        "batch sample psagan requests.csv -o out.csv --seed 1 --jobs 1",
        "batch forecast forecaster load.csv -n 3 --quantile 0.5 -o out.csv --seed 1 --jobs 1",
        "batch impute forecaster parts -o out.parquet --seed 1 --jobs 1",
    )
)
"""Command lines that work."""

SLOW_WHEN_LARGE = ("num_steps", "epochs", "--num-windows", "--budget", "seeds", "hidden_size")
"""Settings whose large values are long work, not a fault."""

WORDS = ("", " ", "-1", "0", "1", "0.5", "-0.0", "1e12", "1e999", "nan", "inf", "True", "None")
WORDS += ("999999999999999999999", "x" * 300, "é", "☃", "\udcff", "=1+1", "'", '"', "[", "{}")
WORDS += ("a=b", "a.b=c", "=", ".", "..", "/", "/dev/null", "nowhere", "nowhere/x.csv", "load.csv")
WORDS += ("folder", "psagan", "shop", "forecaster", "channels", "run", "study.toml", "ids.txt")
WORDS += ("log.parquet", "a\nb", "a\tb", "-", "--", "--nonsense", "mps", "cuda:7", "cpu", "D")
WORDS += ("2024-02-30", "9999-12-31", "2300-01-01", "0001-01-01", "today", "10:00", "7D", "-7D")
WORDS += ("u01", "i1", "series-0", "[1, 2]", "[[]]", "null", "1e-320", "x/../y", "out.xlsx")
CELLS = (
    *WORDS,
    "2024-01-01T00:00:00+02:00",
    "2024-01-01 00:00:00.5",
    "1,5",
    "1_000",
    "0x1F",
    "007",
)
CELLS += (
    "u 01",
    "\ufeff",
    "\u00a0",
    "nan",
    "NaT",
    "NULL",
    "١٢",
    "1e-400",
    "31/01/2024",
    "1700000000",
)
BYTES = (
    b"\0",
    b"\r",
    b"\n",
    b'"',
    b";",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"PAR1",
    b"\t",
    b",",
)
VALUES = (
    None,
    True,
    0,
    -1,
    1,
    0.5,
    -0.5,
    2**63,
    10**30,
    1e300,
    "",
    "x",
    "1",
    [],
    [1],
    [[]],
    {},
    "a\0b",
)
VALUES += (
    {"a": 1},
    ["x"],
    [None],
    [{}],
    "2024-01-01",
    "naive",
    "../x",
    "=1",
    "é" * 50,
    "D",
    "7D",
    1e12,
)
KEYS = (
    "class",
    "self",
    "__class__",
    "None",
    "import",
    "data",
    "model_config",
    "x",
    "",
    "a.b",
    "json",
)
LITERALS = (
    "pd.NaT", "None", "np.nan", "np.inf", "{}", "{'a': 1}", "[]", "'x'", "''", "1", "-1", "1.5",
    "True", "b'\\xff'", "'a\\0b'", "(1, 2)", "1e400", "10**30",
    "pd.Period('2024-01-01', 'h')", "pd.Period('2024-01-01', 'D')", "pd.Timestamp('2024-01-01')",
    "pd.Timestamp('2024-01-01', tz='UTC')", "pd.Timestamp.max", "pd.Timestamp.min", "'2024-01-01'",
    "np.datetime64('2300-01-01')", "datetime.date(2024, 1, 1)", "datetime.datetime(1, 1, 1)",
    "datetime.time(1)", "pd.Timedelta('1h')", "np.zeros((2, 2))", "np.zeros(0)", "np.float32(1)",
    "np.array(['a', None], dtype=object)", "[1.0, None]", "[1, 'x']", "[[1], [2, 3]]", "1j",
    "decimal.Decimal('1')", "fractions.Fraction(1, 3)", "pd.NA", "range(3)", "{1, 2}",
    "pd.Series([1.0])", "pd.DataFrame()", "np.ma.masked", "float('-0.0')", "bytearray(b'a')",
)  # fmt: skip
COLUMNS = (
    lambda n: pa.array([b"\xff"] * n, pa.binary()),
    lambda n: pa.array([[1.0]] * n),
    lambda n: pa.array([{"x": 1}] * n),
    lambda n: pa.nulls(n),
    lambda n: pa.array([True] * n),
    lambda n: pa.array(range(n), pa.duration("s")),
    lambda n: pa.array(range(n), pa.time32("s")),
    lambda n: pa.array(range(n), pa.date32()),
    lambda n: pa.array(range(n), pa.decimal128(20, 2)),
    lambda n: pa.array(range(n), pa.timestamp("us", "Europe/Berlin")),
    lambda n: pa.array([2**64 - 1] * n, pa.uint64()),
    lambda n: pa.array([-(2**63)] * n, pa.int64()),
    lambda n: pa.array([float("inf")] * n),
    lambda n: pa.array([float("nan")] * n),
    lambda n: pa.array([f"{k}" for k in range(n)], pa.large_string()),
    lambda n: pa.array(["x"] * n).dictionary_encode(),
    lambda n: pa.array(range(n), pa.float16()) if n < 2048 else pa.nulls(n),
    lambda n: pa.array([None, *range(n - 1)], pa.int8()) if n < 100 else pa.nulls(n),
)
WHOLE = contents()


def draw_case(random):
    """Draw a case, by a `random.Random`."""
    if random.random() < 0.55:
        return _draw_read(random)
    return _draw_verb(random)


def _draw_read(random):
    call = random.choice(list(READS))
    if not READS[call]:
        return Case((call,), {"value.py": _draw_literal(random, call).encode()})
    place = random.choice(READS[call])
    names = [name for name in WHOLE if name == place or name.startswith(f"{place}/")]
    damaged = random.sample(names, random.randint(1, len(names)))
    return Case((call, place), {name: damage(random, name) for name in damaged})


def _draw_verb(random):
    words = list(random.choice(VERBS))
    files = {}
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        kind = random.random()
        named = [
            name for word in words for name in WHOLE if word == name or word in name.split("/")
        ]
        if kind < 0.35 and named:
            name = random.choice(named)
            files[name] = damage(random, name)
        else:
            _damage_words(random, words, kind)
    return Case(tuple(words), files)


def _damage_words(random, words, kind):
    place = random.randrange(1, len(words))
    large = any(mark in " ".join(words[place - 1 : place + 1]) for mark in SLOW_WHEN_LARGE)
    fresh = random.choice([w for w in WORDS if not large or not w[:1].isdigit() or w in "01"])
    if kind < 0.75:
        before = words[place]
        if "=" in before and random.random() < 0.7:
            fresh = f"{before.partition('=')[0]}={fresh}"
        words[place] = fresh
    elif kind < 0.85 and len(words) > 2:
        del words[place]
    elif kind < 0.9:
        words.insert(place, words[random.randrange(1, len(words))])
    else:
        options = (
            "--device",
            "--seed",
            "--max-memory",
            "--read",
            "--overwrite",
            "--panel",
            "--target",
        )
        words += [random.choice(options), fresh]


def damage(random, name):
    """Return the content of a whole input, damaged."""
    whole = WHOLE[name]
    if random.random() < 0.4:
        return damage_bytes(random, whole)
    if name.endswith((".csv", ".tsv", ".txt")):
        return _damage_cells(random, whole, "\t" if name.endswith(".tsv") else ",")
    if name.endswith((".jsonl", ".json")):
        rows = [json.loads(line) for line in whole.splitlines()]
        rows[-1] = damage_value(random, rows[-1])
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if name.endswith(".toml"):
        return _damage_toml(random, whole)
    if name.endswith(".arrow"):
        return _damage_arrow(random, whole)
    return damage_parquet(random, whole)


def damage_bytes(random, content):
    kind = random.random()
    if kind < 0.1:
        return b""
    if kind < 0.25:
        return content[: random.randrange(max(len(content), 1))]
    if kind < 0.3:
        return content.decode("latin-1").encode("utf-16")
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(content) + 1)
        piece = (
            random.choice(BYTES)
            if random.random() < 0.7
            else random.randbytes(random.randint(0, 9))
        )
        content = content[:place] + piece + content[place + random.choice((0, 1, len(piece), 40)) :]
    return content


def _damage_cells(random, content, separator):
    rows = list(csv.reader(io.StringIO(content.decode()), delimiter=separator))
    for _ in range(random.randint(1, 3)):
        row = random.choice(rows) if random.random() < 0.7 else rows[0]
        column = random.randrange(len(row)) if row else 0
        kind = random.random()
        if kind < 0.6 and row:
            row[column] = random.choice(CELLS)
        elif kind < 0.7:
            value = random.choice(CELLS)
            for other in rows[1:]:
                if column < len(other):
                    other[column] = value
        elif kind < 0.8 and row:
            del row[column]
        elif kind < 0.9:
            row.insert(column, random.choice(CELLS))
        else:
            rows.append(list(random.choice(rows)))
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode("utf-8", "surrogatepass")


def damage_value(random, value):
    """Return a JSON value with one part of it replaced, gone, or more."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        kind = random.random()
        if kind < 0.7:
            return {**value, key: damage_value(random, value[key])}
        if kind < 0.85:
            return {k: v for k, v in value.items() if k != key}
        return {**value, random.choice(KEYS): random.choice(VALUES)}
    if isinstance(value, list) and value and random.random() < 0.6:
        place = random.randrange(len(value))
        return [*value[:place], damage_value(random, value[place]), *value[place + 1 :]]
    return random.choice(VALUES)


def _damage_toml(random, content):
    """Return the file as TOML still, or as JSON does where TOML has no words for it."""
    value = damage_value(random, tomllib.loads(content.decode()))
    if not isinstance(value, dict):
        return json.dumps(value).encode()
    tables = {k: v for k, v in value.items() if isinstance(v, dict)}
    plain = {k: v for k, v in value.items() if k not in tables}
    out = [f"{json.dumps(k)} = {_toml(v)}" for k, v in plain.items()]
    for name, table in tables.items():
        inner = ((k, v) for k, v in table.items())
        out += [f"{json.dumps(name)}.{json.dumps(k)} = {_toml(v)}" for k, v in inner] or [
            f"{json.dumps(name)} = {{}}"
        ]
    return "\n".join(out).encode()


def _toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return '"nothing"' if value is None else json.dumps(value)


def damage_parquet(random, content):
    table = pq.read_table(io.BytesIO(content))
    kind = random.random()
    name = random.choice(table.column_names)
    place = table.column_names.index(name)
    if kind < 0.6:
        column = random.choice(COLUMNS)(table.num_rows)
        table = table.set_column(place, name, column)
    elif kind < 0.75:
        table = table.drop_columns([name])
    elif kind < 0.85:
        table = table.rename_columns(["x" if n == name else n for n in table.column_names])
    elif kind < 0.92:
        table = table.append_column(name, table.column(name))
    else:
        table = table.slice(0, random.randint(0, 1))
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _damage_arrow(random, content):
    table = pa.ipc.open_file(pa.BufferReader(content)).read_all()
    rows = [damage_value(random, row) for row in table.to_pylist()]
    try:
        return arrow_of([row for row in rows if isinstance(row, dict)])
    except (pa.ArrowException, ValueError, TypeError, OverflowError):  # it has no such rows
        return content[: len(content) // 2]


def _draw_literal(random, call):
    """Return an expression: GluonTS entries, or the columns of a frame, with one strange value."""
    strange = random.choice(LITERALS)
    if call == "entries":
        entry = {"item_id": "'a'", "start": "pd.Period('2024-01-01', 'h')", "target": "[1.0, 2, 3]"}
        extra = (
            "feat_static_cat",
            "feat_static_real",
            "feat_dynamic_real",
            "info",
            "observed_values",
        )
        key = random.choice([*entry, *extra])
        good = "{" + ", ".join(f"'{k}': {v}" for k, v in entry.items()) + "}"
        bad = "{" + ", ".join(f"'{k}': {v}" for k, v in {**entry, key: strange}.items()) + "}"
        return random.choice((f"[{bad}]", f"[{good}, {bad}]", f"[{good}, {strange}]", strange))
    columns = {"item_id": "['a'] * 3", "timestamp": "['2024-01-01', '2024-01-02', '2024-01-03']"}
    columns |= {"target": "[1.0, 2, 3]"} if call == "frame" else {"user_id": "['u', 'v', 'u']"}
    key = random.choice(list(columns))
    columns[key] = random.choice((f"[{strange}] * 3", f"[*{columns[key]}[:2], {strange}]", strange))
    return "pd.DataFrame({" + ", ".join(f"'{k}': {v}" for k, v in columns.items()) + "})"
