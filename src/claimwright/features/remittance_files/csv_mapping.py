"""A remittance from a CSV, by a mapping of its columns to the fields of a remittance.

    dates: "%m/%d/%Y"                         # how dates are written; by default 2026-03-31
    columns:                                  # column of the CSV: frame and field
      Check Number: payments.trace_number
      Claim Number: claims.claim_id
      CPT: lines.procedure
      Contractual: adjustments.1.amount       # adjustments and remarks are numbered
      Remark: remarks.1.code
    values:                                   # the same on every row
      payments.payer_name: GOOD PAYER
      adjustments.1.group: CO
      adjustments.1.reason: "45"

One row is a service line, or a claim if no field of `lines` is mapped. Rows with the same values of payments
are one payment, and within it those with the same values of claims are one claim. Charges and payments that
have no column are the sums of their parts. `segment` is the row of the CSV, its header being row 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from claimwright.engines.x12 import Remittance, read_835, schemas, write_835
from claimwright.foundation.errors import InputError
from claimwright.foundation.located_yaml import Located, YamlError, read_yaml_file

_PLAIN = ("payments", "claims", "lines")
_NUMBERED = {"adjustments": ("group", "reason", "amount", "quantity"), "remarks": ("code",)}
_KEYS = ("payment", "claim", "line", "segment", "batch")
_FIELD = re.compile(r"(?:(payments|claims|lines)\.(\w+)|(adjustments|remarks)\.(\d{1,2})\.(\w+))")
_SUMS = ("charge", "paid")
_BALANCES = ("SYN100", "SYN101", "SYN102", "SYN103", "SYN104")


class MappingError(InputError, ValueError):
    """A CSV can't be read by its mapping; the message says which file, what, and what to do."""


@dataclass(frozen=True)
class Mapping835:
    """A mapping: columns of the CSV to fields, and fields with the same value on every row."""

    columns: Mapping[str, str]
    values: Mapping[str, str]
    dates: str = "%Y-%m-%d"


def read_mapping_file(path: Path) -> Mapping835:
    """A mapping from its YAML file.

    Raises:
        MappingError: it can't be read, or names a field that a remittance does not have.
    """
    try:
        top = read_yaml_file(path)
        if top is None:
            raise MappingError(f"{path}: is empty. Map columns to fields under `columns`.")
        members = top.members(("columns", "values", "dates"))
        columns = _fields_of(members.get("columns"), named_by_value=True)
        values = _fields_of(members.get("values"), named_by_value=False)
        dates = members["dates"].text() if "dates" in members else "%Y-%m-%d"
    except YamlError as problem:
        raise MappingError(str(problem)) from None
    except OSError as problem:
        raise MappingError(f"{path}: can't be read: {problem.strerror}. Check the path.") from None
    if "claims.claim_id" not in columns.values():
        raise MappingError(
            f"{path}: no column is mapped to claims.claim_id. Name the column of claim numbers."
        )
    if twice := {field for field in columns.values() if list(columns.values()).count(field) > 1}:
        raise MappingError(f"{path}: {min(twice)} is mapped twice. Choose one column.")
    return Mapping835(columns, values, dates)


def _fields_of(place: Located | None, *, named_by_value: bool) -> dict[str, str]:
    if place is None or place.is_null:
        return {}
    made = {}
    for name, each in place.members().items():
        text = each.text()
        field = text if named_by_value else name
        if not _is_field(field):
            raise each.fault(f"a remittance has no field {field}", "docs/remittance_files.md lists them")
        made[name] = text
    return made


def _is_field(field: str) -> bool:
    found = _FIELD.fullmatch(field)
    if found is None:
        return False
    frame, name, numbered, _, part = found.groups()
    if numbered:
        return part in _NUMBERED[numbered]
    return name in schemas()[frame] and name not in _KEYS


def read_mapped_csv(path: Path, mapping: Mapping835) -> Remittance:
    """The remittance of a CSV, with values that can't be read and balances that do not hold in `faults`.

    Raises:
        MappingError: it can't be read as CSV, or a mapped column is not there.
    """
    try:
        rows = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as problem:
        raise MappingError(
            f"{path}: can't be read as CSV ({type(problem).__name__}). Save it as CSV UTF-8."
        ) from None
    except OSError as problem:
        raise MappingError(f"{path}: can't be read: {problem.strerror}. Check the path.") from None
    if missing := [name for name in mapping.columns if name not in rows.columns]:
        raise MappingError(f"{path}: there is no column {', '.join(missing[:5])}. Correct the mapping.")
    return _Reader(rows, mapping).remittance()


class _Reader:
    """The rows of a CSV with the fields as columns, `frame.field`."""

    def __init__(self, rows: pl.DataFrame, mapping: Mapping835) -> None:
        self.faults: list[pl.DataFrame] = []
        self.mapping = mapping
        texts = {field: rows[name].str.strip_chars() for name, field in mapping.columns.items()}
        made = {
            field: self._typed(field, pl.select(pl.when(text != "").then(text)).to_series())
            for field, text in texts.items()
        }
        for field, value in mapping.values.items():
            made[field] = self._typed(field, pl.Series([value], dtype=pl.String)).new_from_index(
                0, rows.height
            )
        number = pl.int_range(2, rows.height + 2, dtype=pl.Int64, eager=True)
        self.rows = pl.DataFrame({"segment": number, **made})
        for frame in ("payments", "claims"):
            keys = [*(["payment"] if frame == "claims" else []), *self._names(frame)]
            self.rows = self.rows.with_columns(self._ordinal(keys).alias(frame.removesuffix("s")))

    def _ordinal(self, keys: list[str]) -> pl.Series:
        """The number of each row's combination of values, in the order in which they first appear."""
        if not keys:
            return pl.Series([1], dtype=pl.Int64).new_from_index(0, self.rows.height)
        made = self.rows.select(pl.struct(keys).alias("key")).with_row_index("at")
        first = made.group_by("key", maintain_order=True).agg(pl.len()).with_row_index("ordinal", 1)
        joined = made.join(first, on="key", how="left", nulls_equal=True, maintain_order="left")
        return joined["ordinal"].cast(pl.Int64)

    def _names(self, frame: str) -> list[str]:
        return [name for name in self.rows.columns if name.startswith(f"{frame}.")]

    def _typed(self, field: str, text: pl.Series) -> pl.Series:
        """The values of a field; what can't be read is null and a fault."""
        found = _FIELD.fullmatch(field)
        assert found is not None
        frame, name, numbered, _, part = found.groups()
        dtype = schemas()[frame or numbered][name or part]
        if dtype == pl.String:
            return text
        if dtype == pl.Date:
            made = text.str.to_date(self.mapping.dates, strict=False)
        else:
            # (12.50) and 12.50- are negative, as in printed statements.
            plain = text.str.replace_all(r"[$,\s]", "").str.replace(r"^\((.*)\)$", "-$1")
            plain = plain.str.replace(r"^(.*)-$", "-$1")
            exact = plain.str.contains(r"^-?\d*\.?\d+$").fill_null(value=False)
            made = pl.select(pl.when(exact).then(plain).cast(dtype, strict=False)).to_series()
        wrong = (text.is_not_null() & made.is_null()).arg_true()
        if len(wrong):
            number = (wrong + 2).cast(pl.Int64)
            code = "SYN055" if dtype == pl.Date else "SYN054"
            names = {mapped: column for column, mapped in self.mapping.columns.items()}
            told = f"column {names[field]}" if field in names else f"value of {field}"
            self.faults.append(
                pl.DataFrame({"segment": number}).with_columns(code=pl.lit(code), detail=pl.lit(told))
            )
        return made

    def remittance(self) -> Remittance:
        """All frames."""
        rows = self.rows
        has_lines = bool(self._names("lines"))
        payments = self._first_of("payments", ["payment"])
        claims = self._first_of("claims", ["payment", "claim"])
        frames = {"payments": payments, "claims": claims}
        if has_lines:
            line = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("claim").alias("line")
            rows = rows.with_columns(line)
            frames["lines"] = self._plain(rows, "lines", ["payment", "claim", "line"])
        else:
            rows = rows.with_columns(line=pl.lit(None, pl.Int64))
        frames["adjustments"] = self._numbered(rows, "adjustments", "amount").filter(pl.col("amount") != 0)
        frames["remarks"] = self._numbered(rows, "remarks", "code").drop("position")
        if has_lines:
            frames["claims"] = _summed(claims, frames["lines"], "claim", {name: name for name in _SUMS})
        frames["payments"] = _summed(payments, frames["claims"], "payment", {"payment_amount": "paid"})
        return self._checked(Remittance.of(**frames))

    def _first_of(self, frame: str, keys: list[str]) -> pl.DataFrame:
        return self._plain(self.rows.unique(keys[-1], keep="first", maintain_order=True), frame, keys)

    def _plain(self, rows: pl.DataFrame, frame: str, keys: list[str]) -> pl.DataFrame:
        names = self._names(frame)
        return rows.select(*keys, "segment", *(pl.col(name).alias(name.split(".")[1]) for name in names))

    def _numbered(self, rows: pl.DataFrame, frame: str, needed: str) -> pl.DataFrame:
        numbers = sorted({int(name.split(".")[1]) for name in self._names(frame)})
        parts = []
        for number in numbers:
            names = {part: f"{frame}.{number}.{part}" for part in _NUMBERED[frame]}
            held = {part: name for part, name in names.items() if name in rows.columns}
            if needed not in held:
                continue
            parts.append(
                rows.select(
                    *("payment", "claim", "line", "segment"),
                    pl.lit(number, pl.Int32).alias("position"),
                    *(pl.col(name).alias(part) for part, name in held.items()),
                ).filter(pl.col(needed).is_not_null())
            )
        schema = {
            name: schemas()[frame].get(name, pl.Int32()) for name in ("payment", "claim", "line", "segment")
        }
        empty = pl.DataFrame(
            schema={**schema, "position": pl.Int32(), **{p: schemas()[frame][p] for p in _NUMBERED[frame]}}
        )
        return pl.concat([empty, *parts], how="diagonal").sort("segment", "position")

    def _checked(self, made: Remittance) -> Remittance:
        """The remittance with its faults: those of values, and the balances of an 835 of the same content."""
        faults = schemas()["faults"]
        found = read_835(write_835(made)).faults.filter(pl.col("code").is_in(_BALANCES))
        places = made.claims.select("claim", row="segment")
        found = found.join(places, on="claim", how="left").with_columns(segment="row").select(list(faults))
        own: Iterable[pl.DataFrame] = (
            each.select(
                pl.col(name) if name in each.columns else pl.lit(None, dtype).alias(name)
                for name, dtype in faults.items()
            )
            for each in self.faults
        )
        return replace(made, faults=pl.concat([*own, found]).sort("segment", nulls_last=False))


def _summed(owners: pl.DataFrame, parts: pl.DataFrame, key: str, sums: dict[str, str]) -> pl.DataFrame:
    """The owners with sums of their parts, where they have no such column of their own."""
    wanted = {
        name: part for name, part in sums.items() if name not in owners.columns and part in parts.columns
    }
    if not wanted:
        return owners
    totals = parts.group_by(key).agg(**{name: pl.col(part).sum() for name, part in wanted.items()})
    return owners.join(totals, on=key, how="left", maintain_order="left")
