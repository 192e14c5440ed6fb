"""What each payer of the world demands, written down once and never shown to who predicts.

A policy is a row: a payer, a service, since when and until when it holds, and how often a claim that breaks
it is denied. Which payer has which is drawn from the world's seed alone, so that a seed is a world.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from claimwright_lab.sampling import Draws

# Mid-year and new year: when payers publish new manuals. Each change moves part of the policies.
MID_YEAR, NEW_YEAR = date(2024, 7, 1), date(2025, 1, 1)
ALWAYS, NEVER = date(2000, 1, 1), date(2100, 1, 1)

PAYERS = (
    "SYN01", "SYN02", "SYN11", "SYN21", "SYN22", "SYN31", "SYN32", "SYN33", "SYN34", "SYN35", "SYN41",
)  # fmt: skip

# Services that payers of this world may single out, by kind of policy. Codes only.
AUTHORIZED = (
    "72148 70450 45378 45380 45385 J9271 96413 E0601 A7030 95810 97110 97112 97140 97116 97035 93306 "
    "66984 58300 J7298 76805 90837 98940 98941 20610 J3301 55250 E0143 88305 90834 99223"
).split()
NECESSARY = (
    "82306 83036 80061 84443 83735 93000 82043 85025 80053 71046 84439 90833 11102 17000 72148 93306 "
    "97110 97112 36415 87086 80048 51798 94640 92014"
).split()
DOCUMENTED = (
    "66984 J9271 E0601 95810 45385 59400 A0429 17000 58300 96413 99233 99285 11102 90837 99214 99215 20610"
).split()
REFERRED = "72148 93306 76805 77067 97110 71046 70450 88305 72100 97140 95810 92014 99203 45378".split()
EXCLUDED = (
    "82306 90833 98940 98941 E0143 55250 58300 94760 92015 G0444 J3420 90734 97035 17003 51798 83735"
).split()
MODIFIED = {"97110": "GP", "97112": "GP", "97140": "GP", "97116": "GP", "97035": "GP"}
LIMITED = {"97110": 2, "97112": 2, "97140": 2, "97116": 2, "17003": 4, "90460": 2, "96413": 2, "A0425": 15}
BUNDLED = (
    ("99213", "20610"), ("99213", "87880"), ("99214", "93000"), ("36415", "80053"), ("97140", "97110"),
    ("97112", "97110"), ("99214", "90833"), ("99213", "11102"), ("81002", "87086"), ("90460", "99393"),
    ("17000", "99213"), ("83036", "80053"), ("82306", "80053"), ("J3301", "20610"), ("36415", "80061"),
    ("99213", "87804"), ("80048", "85025"), ("99232", "99239"),
)  # fmt: skip


@dataclass(frozen=True)
class Policies:
    """The policies of every payer. All frames have `payer`, `rate`, `from_on` and `until_on` (not included).

    Attributes:
        authorization: `procedure` needs an authorization number.
        necessity: `procedure` is not paid for diagnoses whose code begins with `letter`.
        documentation: `procedure` needs an attachment.
        referral: `procedure` needs a referring provider.
        exclusion: `procedure` is not covered.
        modifier: `procedure` needs `modifier`.
        units: `procedure` is paid for up to `most` units.
        bundling: `procedure` is not paid beside `beside` unless its first modifier sets it apart.
        charge: claims above `charge_cents` need an attachment.
        filing: a claim must come within `days` of its last service.
        provider: claims of `provider` are held back.
        random: nothing is wrong, and a claim is denied all the same, with `carc`.
    """

    authorization: pl.DataFrame
    necessity: pl.DataFrame
    documentation: pl.DataFrame
    referral: pl.DataFrame
    exclusion: pl.DataFrame
    modifier: pl.DataFrame
    units: pl.DataFrame
    bundling: pl.DataFrame
    charge: pl.DataFrame
    filing: pl.DataFrame
    provider: pl.DataFrame
    random: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """All of them by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def draw_policies(seed: int, providers: pl.Series) -> Policies:
    """The policies of the world with this seed, for the billing providers that send claims in it."""
    commercial = {payer for payer in PAYERS if payer[3] == "3"}
    managed = commercial | {"SYN11", "SYN21", "SYN22"}
    return Policies(
        authorization=_listed(seed, "authorization", AUTHORIZED, 34, (80, 97), managed),
        necessity=_necessity(seed),
        documentation=_listed(seed, "documentation", DOCUMENTED, 22, (50, 85)),
        referral=_listed(seed, "referral", REFERRED, 22, (55, 90), managed),
        exclusion=_listed(seed, "exclusion", EXCLUDED, 14, (88, 99)),
        modifier=_listed(seed, "modifier", list(MODIFIED), 70, (65, 95)).with_columns(
            modifier=pl.col("procedure").replace_strict(MODIFIED)
        ),
        units=_listed(seed, "units", list(LIMITED), 60, (60, 90)).with_columns(
            most=pl.col("procedure").replace_strict(LIMITED)
        ),
        bundling=_bundling(seed),
        charge=_charge(seed),
        filing=_filing(seed),
        provider=_provider(seed, providers),
        random=_random(seed),
    )


def _grid(seed: int, purpose: str, *axes: list[str] | tuple[str, ...]) -> tuple[pl.DataFrame, Draws]:
    """Every payer with every value of the axes, and draws that belong to these rows."""
    frame = pl.DataFrame({"payer": PAYERS})
    for number, axis in enumerate(axes):
        frame = frame.join(pl.DataFrame({f"axis_{number}": list(axis)}), how="cross")
    return frame, Draws(seed ^ _salt(purpose), np.arange(frame.height, dtype=np.int64))


def _salt(purpose: str) -> int:
    return zlib.crc32(purpose.encode()) >> 1


def _dated(frame: pl.DataFrame, draws: Draws, rate: tuple[int, int]) -> pl.DataFrame:
    """A rate, since when and until when: two in twelve begin mid-year, one ends then, one is new in 2025."""
    change = draws.below("change", 12)
    begins = pl.Series(change).replace_strict({0: MID_YEAR, 1: MID_YEAR, 2: NEW_YEAR}, default=ALWAYS)
    ends = pl.Series(change).replace_strict({3: MID_YEAR}, default=NEVER)
    return frame.with_columns(
        rate=pl.Series(draws.between("rate", *rate)) / 100,
        from_on=begins.cast(pl.Date),
        until_on=ends.cast(pl.Date),
    )


def _listed(
    seed: int,
    purpose: str,
    procedures: list[str],
    percent: int,
    rate: tuple[int, int],
    payers: set[str] | None = None,
) -> pl.DataFrame:
    frame, draws = _grid(seed, purpose, procedures)
    dated = _dated(frame.rename({"axis_0": "procedure"}), draws, rate)
    chosen = pl.Series(draws.chance("chosen", percent))
    if payers is not None:
        chosen &= dated["payer"].is_in(list(payers))
    return dated.filter(chosen)


def _necessity(seed: int) -> pl.DataFrame:
    """Unspecific findings and screenings are what tables of covered diagnoses leave out most."""
    frame, draws = _grid(seed, "necessity", NECESSARY)
    dated = _dated(frame.rename({"axis_0": "procedure"}), draws, (55, 92))
    tables = dated.filter(pl.Series(draws.chance("chosen", 22)))
    letters, more = _grid(seed, "letters", NECESSARY, ("R", "Z", "E", "M"))
    out = pl.Series(more.below("out", 100)) < letters["axis_1"].replace_strict(
        {"R": 90, "Z": 55, "E": 8, "M": 15}, return_dtype=pl.Int64
    )
    left_out = letters.filter(out).rename({"axis_0": "procedure", "axis_1": "letter"})
    return tables.join(left_out, on=["payer", "procedure"], how="inner", maintain_order="left")


def _bundling(seed: int) -> pl.DataFrame:
    frame, draws = _grid(seed, "bundling", [f"{denied} {beside}" for denied, beside in BUNDLED])
    pair = pl.col("axis_0").str.split(" ")
    dated = _dated(frame, draws, (60, 92)).filter(pl.Series(draws.chance("chosen", 9)))
    return dated.select(
        "payer", "rate", "from_on", "until_on", procedure=pair.list.get(0), beside=pair.list.get(1)
    )


def _charge(seed: int) -> pl.DataFrame:
    frame, draws = _grid(seed, "charge")
    dollars = pl.Series(draws.between("dollars", 2, 8)) * 500
    return _dated(frame, draws, (35, 70)).with_columns(charge_cents=dollars * 100)


def _filing(seed: int) -> pl.DataFrame:
    """Medicare's year (42 CFR 424.44) for Medicare, three to six months for the others; some are cut."""
    frame, draws = _grid(seed, "filing")
    days = pl.Series(draws.one_of("days", [3, 2, 3])).replace_strict({0: 90, 1: 120, 2: 180})
    medicare = frame["payer"].is_in(["SYN01", "SYN02"])
    before = frame.with_columns(
        days=pl.when(medicare).then(365).otherwise(days), rate=pl.lit(0.97), from_on=pl.lit(ALWAYS)
    )
    cut = pl.Series(draws.chance("cut", 25)) & ~medicare & (days == 180)
    return before.with_columns(
        until_on=pl.when(cut).then(pl.lit(MID_YEAR)).otherwise(pl.lit(NEVER))
    ).vstack(
        before.filter(cut).with_columns(
            days=pl.lit(90), from_on=pl.lit(MID_YEAR), until_on=pl.lit(NEVER)
        ).select("payer", "days", "rate", "from_on", "until_on").cast({"days": before.schema["days"]})
    )  # fmt: skip


def _provider(seed: int, providers: pl.Series) -> pl.DataFrame:
    names = providers.unique().sort().to_list()
    frame, draws = _grid(seed, "provider", names)
    dated = _dated(frame.rename({"axis_0": "provider"}), draws, (25, 55))
    return dated.filter(pl.Series(draws.chance("chosen", 3)))


def _random(seed: int) -> pl.DataFrame:
    """Errors of the payer and what no claim shows: coverage that ended, another payer that comes first."""
    frame, draws = _grid(seed, "random", ["27", "22", "16", "A1"])
    base = frame["axis_0"].replace_strict({"27": 140, "22": 40, "16": 60, "A1": 30}, return_dtype=pl.Int64)
    scale = pl.Series(draws.between("scale", 30, 170))
    return frame.select(
        "payer",
        carc="axis_0",
        rate=base * scale / 1_000_000,
        from_on=pl.lit(ALWAYS),
        until_on=pl.lit(NEVER),
    )
