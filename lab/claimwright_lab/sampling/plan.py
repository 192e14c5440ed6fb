"""Who comes when, to whom, and who pays: all that is decided before a frame is built.

Claims come in runs. The first of a run, its lead, decides patient, provider, payer and encounter; where
the encounter is one that repeats, the claims after it are later visits of the same patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from . import payers
from .draws import Draws, Flags, Whole
from .encounters import Catalogue, catalogue

DAYS_OF_YEAR = 365.2425
_EPOCH = date(1970, 1, 1).toordinal()

# A claim leaves within weeks of the service; a secondary one waits for the first payer.
_SOONEST, _LATEST = 3, 45
_SECONDARY_SOONEST, _SECONDARY_LATEST = 75, 160
_BETWEEN_VISITS = 7
_LONGEST_RUN = 4
DEFAULT_SECONDARY_PERCENT = 16
_REPLACEMENT_PERCENT = 2
_RUN_PERCENT = 60


@dataclass(frozen=True)
class Plan:
    """One row a claim, of one form. Days count from 1970-01-01."""

    form: str
    catalogue: Catalogue
    draws: Draws
    """By claim."""
    lead: Draws
    """By the first claim of the run: the same for all visits of one patient."""
    visit: Whole
    """0 for the first of a run."""
    encounter: Whole
    age: Whole
    """In years on the day of service."""
    female: Flags
    birth: Whole
    first_day: Whole
    last_day: Whole
    as_of: int
    payer: Whole
    payer_kind: Whole
    dependent: Flags
    """The patient is not the subscriber."""
    secondary: Flags
    """Another payer has paid first."""
    provider: Whole
    """The billing provider, a number within its kind."""
    place: pl.Series
    """Place of service, or an institution's facility type."""

    def __len__(self) -> int:
        """How many claims."""
        return len(self.encounter)

    def flag(self, name: str) -> Flags:
        """A yes or no of each claim's encounter."""
        return self.catalogue.flag(name, self.encounter)

    def text(self, name: str) -> pl.Series:
        """A text of each claim's encounter."""
        return self.catalogue.text(name, self.encounter)

    def take(self, rows: Whole) -> Plan:
        """The plan of these claims in this order."""
        return Plan(
            form=self.form,
            catalogue=self.catalogue,
            draws=self.draws.of(rows),
            lead=self.lead.of(rows),
            visit=self.visit[rows],
            encounter=self.encounter[rows],
            age=self.age[rows],
            female=self.female[rows],
            birth=self.birth[rows],
            first_day=self.first_day[rows],
            last_day=self.last_day[rows],
            as_of=self.as_of,
            payer=self.payer[rows],
            payer_kind=self.payer_kind[rows],
            dependent=self.dependent[rows],
            secondary=self.secondary[rows],
            provider=self.provider[rows],
            place=self.place.gather(pl.Series(rows)),
        )


def days(when: Whole) -> pl.Series:
    """Days since 1970-01-01 as dates."""
    return pl.Series(when.astype(np.int32)).cast(pl.Date)


def plan(form: str, seed: int, owners: Whole, *, as_of: date, providers: int, secondary_percent: int) -> Plan:
    """The plan of these claims, ordered by billing provider; `providers` is how many there are of a kind."""
    book = catalogue(form)
    draws = Draws(seed, owners)
    leader = _leaders(book, draws)
    lead = draws.of(leader)
    visit = np.arange(len(owners)) - leader
    encounter = lead.one_of(f"{form} encounter", book.weights)
    female = _sexes(book, lead, encounter)
    age = lead.between("age", book.ages[encounter, 0], book.ages[encounter, 1])
    kind = payers.kinds(
        lead, age, book.text("payer", encounter), book.text("never", encounter), dental=form == "D"
    )
    dependent = _dependents(lead, age, kind)
    secondary = lead.chance("secondary", secondary_percent) & ~dependent & (age >= 19)
    secondary &= (kind == payers.COMMERCIAL) | (kind == payers.MEDICAID)
    today = as_of.toordinal() - _EPOCH
    low = np.where(secondary, _SECONDARY_SOONEST, _SOONEST)
    high = np.where(secondary, _SECONDARY_LATEST, _LATEST)
    ago = lead.between(
        "days ago", low + _LONGEST_RUN * _BETWEEN_VISITS, high + _LONGEST_RUN * _BETWEEN_VISITS
    )
    stay = lead.between("stay", book.stay[encounter, 0], book.stay[encounter, 1])
    last_day = today - ago + visit * _BETWEEN_VISITS
    last_day -= _over_month_end(book, encounter, last_day)
    first_day = last_day - stay
    newborn = book.flag("newborn", encounter)
    # Of the days of a year of life, those well inside, so that the age is the same whichever visit it is.
    into_year = lead.between("days into the year", 40, 320)
    born = today - ago - stay - (age * DAYS_OF_YEAR).astype(np.int64) - into_year
    birth = np.where(newborn, first_day, born)
    made = Plan(
        form=form,
        catalogue=book,
        draws=draws,
        lead=lead,
        visit=visit,
        encounter=encounter,
        age=age,
        female=female,
        birth=birth,
        first_day=first_day,
        last_day=last_day,
        as_of=today,
        payer=payers.payers(lead, kind),
        payer_kind=kind,
        dependent=dependent,
        secondary=secondary,
        provider=lead.below("provider", providers),
        place=_places(book, lead, encounter),
    )
    kinds = book.text("billing", encounter).to_numpy()
    return made.take(np.lexsort((np.arange(len(owners)), made.provider, kinds)))


def _leaders(book: Catalogue, draws: Draws) -> Whole:
    """For each claim, the first of its run, by position."""
    position = np.arange(len(draws))
    begins = ~draws.chance("continues a run", _RUN_PERCENT)
    begins[position % _LONGEST_RUN == 0] = True
    leader = np.maximum.accumulate(np.where(begins, position, 0))
    lead = draws.of(leader)
    encounter = lead.one_of(f"{book.form} encounter", book.weights)
    repeats = lead.chance("repeats", book.repeats[encounter])
    return np.where(repeats, leader, position)


def _over_month_end(book: Catalogue, encounter: Whole, first_day: Whole) -> Whole:
    """How many days too late an encounter begins that has to end in the month of its beginning."""
    last = first_day + book.latest_day[encounter]
    month = last.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    over = book.flag("within_month", encounter) & (first_day < month)
    return np.where(over, last - month + 1, 0)


def replacements(plan: Plan) -> Flags:
    """Which claims replace one that was sent before."""
    replaces = plan.draws.chance("replacement", _REPLACEMENT_PERCENT)
    # Medicare's carriers take originals only (Medicare Claims Processing Manual, ch. 1, section 70.2.3).
    replaces &= (plan.payer_kind != payers.MEDICARE) | (plan.form == "I")
    return replaces


def _sexes(book: Catalogue, lead: Draws, encounter: Whole) -> Flags:
    said = book.text("sex", encounter)
    either = lead.chance("female", 54)
    sexes: Flags = np.where((said == "F").to_numpy(), True, np.where((said == "M").to_numpy(), False, either))
    return sexes


def _dependents(lead: Draws, age: Whole, kind: Whole) -> Flags:
    share = np.where(age < 19, 92, 22)
    dependents: Flags = lead.chance("dependent", share) & (kind == payers.COMMERCIAL)
    return dependents


def _places(book: Catalogue, lead: Draws, encounter: Whole) -> pl.Series:
    if book.form == "I":
        return book.text("bill", encounter)
    first, count = book.places[encounter].T
    return book.place_codes.gather(pl.Series(first + lead.below("place", count)))
