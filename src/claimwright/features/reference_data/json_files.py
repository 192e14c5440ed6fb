"""JSON tables: the diagnoses that local coverage determinations list for a procedure.

Source of the layout: an object by procedure, each with `covered`, `notCovered` and `lcdIds`, derived from
CMS's Medicare Coverage Database.
"""

from __future__ import annotations

import json

import polars as pl

from .problems import refuse
from .published import Part, text_of


def covered_diagnoses(part: Part) -> pl.DataFrame | None:
    """`procedure`, `diagnosis` without its dot, and `covered`; None if the part is not JSON.

    Raises:
        ReferenceFileError: the part is cut off, or has another layout.
    """
    if part.suffix != ".json":
        return None
    try:
        table = json.loads(text_of(part))
    except (ValueError, RecursionError) as error:
        raise refuse(part.name, 0, "is no JSON, or cut off", "get it anew") from error
    rows: list[tuple[str, str, str]] = []
    try:
        for procedure, said in table.items():
            for name, covered in (("covered", "yes"), ("notCovered", "no")):
                rows += [(procedure, code.replace(".", ""), covered) for code in said[name]]
    except (AttributeError, KeyError, TypeError) as error:
        raise refuse(
            part.name, 0, "has no covered and notCovered by procedure", "the layout has changed"
        ) from error
    columns = dict.fromkeys(("procedure", "diagnosis", "covered"), pl.String)
    named = pl.DataFrame(rows, schema=columns, orient="row")
    return named.unique(["procedure", "diagnosis", "covered"], maintain_order=True).insert_column(
        0, pl.repeat(None, named.n_unique(), dtype=pl.UInt32, eager=True).alias("line")
    )
