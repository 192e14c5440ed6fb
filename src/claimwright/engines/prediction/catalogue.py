"""The list of all inputs of a prediction: every feature by name, with its meaning and direction.

A feature has a name, is known when the claim is sent, and is meaningful to a biller. There are three kinds:

- facts on the claim, such as the days since the service;
- encodings: the denial rate in the training period of claims that share a key with the claim, shrunk towards
  the rate of a wider key if there is little evidence (Micci-Barreca 2001: empirical Bayes target encoding);
- recent rates: the same over the 90 days before the claim is sent, counted from remittances that had arrived
  by then.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .categories import WORDS


class Source(enum.StrEnum):
    """The source of a feature."""

    CLAIM = "claim"
    HISTORY = "history"
    ENCODING = "encoding"
    RECENT = "recent"


class Level(enum.StrEnum):
    """What an encoding counts: claims, lines, or pairs of lines of one claim."""

    CLAIM = "claim"
    LINE = "line"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Feature:
    """One input column of a model.

    Attributes:
        name: the column name.
        meaning: its meaning, in a biller's words.
        unit: of its values.
        source: where it comes from.
        direction: 1 if a higher value can only make a denial more likely (a monotone constraint); 0 if
            unknown.
        known_at: why it is known when the claim is sent.
        cuts: where its values are divided into steps; a model is constant between two cuts.
    """

    name: str
    meaning: str
    unit: str
    source: Source
    direction: int
    known_at: str
    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Encoding:
    """A key whose past denials are counted.

    Attributes:
        name: the resulting feature.
        level: what is counted.
        key: columns of the facts that form the key.
        wider: how many of them, from the first, form the wider key, towards whose rate the rate is shrunk; 0:
            the overall rate.
        reasons: denial categories that are counted; empty: all.
        words: the sentence for a reason; `{count}` is denied of decided, such as 9 of 12, and the other names
            in braces are columns of the key.
        details: of denials whose codes say what they are about (`categories.DETAILS`), only those about these are
            counted; empty: all.
    """

    name: str
    level: Level
    key: tuple[str, ...]
    wider: int
    reasons: tuple[str, ...]
    words: str
    details: tuple[str, ...] = ()


_FOR_ALL: tuple[str, ...] = ()
_SERVICE = ("payer", "procedure")

ENCODINGS: tuple[Encoding, ...] = (
    Encoding("payer_rate", Level.CLAIM, ("payer",), 0, _FOR_ALL, "payer {payer} denied {count} claims"),
    Encoding("provider_rate", Level.CLAIM, ("provider",), 0, _FOR_ALL, "{count} claims of this billing provider were denied"),
    Encoding("provider_eligibility_rate", Level.CLAIM, ("provider",), 0, ("eligibility", "coordination_of_benefits"), "{count} claims of this billing provider were denied for eligibility or coordination of benefits"),
    Encoding("provider_data_rate", Level.CLAIM, ("provider",), 0, ("missing_information",), "{count} claims of this billing provider were denied for missing information (the payer named the patient's identifier, or nothing)", details=("identifier",)),
    Encoding("payer_provider_rate", Level.CLAIM, ("payer", "provider"), 1, ("other",), "payer {payer} denied {count} claims of this billing provider for other reasons, such as its contract or enrollment"),
    Encoding("payer_unexplained_rate", Level.CLAIM, ("payer",), 0, ("other",), "payer {payer} denied {count} claims for other reasons"),
    Encoding("diagnosis_rate", Level.CLAIM, ("diagnosis",), 0, _FOR_ALL, "{count} claims with principal diagnosis {diagnosis} were denied"),
    Encoding("corrected_rate", Level.CLAIM, ("payer", "corrected"), 1, _FOR_ALL, "payer {payer} denied {count} claims {corrected}"),
    Encoding("duplicate_rate", Level.CLAIM, ("payer", "repeated"), 1, ("duplicate",), "payer {payer} denied {count} claims {repeated} as duplicates"),
    Encoding("eligibility_rate", Level.CLAIM, ("payer",), 0, ("eligibility",), "payer {payer} denied {count} claims for eligibility"),
    Encoding("coordination_rate", Level.CLAIM, ("payer", "age_band"), 1, ("coordination_of_benefits",), "payer {payer} denied {count} claims of patients aged {age_band} for coordination of benefits"),
    Encoding("filing_delay_rate", Level.CLAIM, ("payer", "delay_band"), 1, ("timely_filing",), "payer {payer} denied {count} claims sent {delay_band} days after the service for timely filing"),
    Encoding("rendering_rate", Level.CLAIM, ("payer", "rendered"), 1, ("missing_information",), "payer {payer} denied {count} claims {rendered} for missing information (the payer named the rendering provider, or nothing)", details=("rendering_provider",)),
    Encoding("taxonomy_rate", Level.CLAIM, ("payer", "classified"), 1, ("missing_information",), "payer {payer} denied {count} claims {classified} for missing information (the payer named the taxonomy, or nothing)", details=("taxonomy",)),
    Encoding("charge_attachment_rate", Level.CLAIM, ("payer", "attached", "charge_band"), 2, ("records",), "payer {payer} denied {count} claims of {charge_band} dollars {attached} for missing records"),
    Encoding("procedure_rate", Level.LINE, ("procedure",), 0, _FOR_ALL, "{count} lines with {procedure} were denied"),
    Encoding("payer_procedure_rate", Level.LINE, _SERVICE, 1, _FOR_ALL, "payer {payer} denied {count} lines with {procedure}"),
    Encoding("coverage_rate", Level.LINE, _SERVICE, 1, ("non_covered",), "payer {payer} denied {count} lines with {procedure} as not covered", details=("plan",)),
    Encoding("age_coverage_rate", Level.LINE, (*_SERVICE, "age_band"), 2, ("non_covered",), "payer {payer} denied {count} lines with {procedure} for patients aged {age_band} as not covered", details=("plan", "age")),
    Encoding("authorization_rate", Level.LINE, (*_SERVICE, "authorized"), 2, ("authorization",), "payer {payer} denied {count} lines with {procedure} {authorized} for lack of authorization"),
    Encoding("necessity_rate", Level.LINE, (*_SERVICE, "line_diagnosis"), 2, ("medical_necessity",), "payer {payer} denied {count} lines with {procedure} for diagnosis {line_diagnosis} as not medically necessary", details=("diagnosis",)),
    Encoding("diagnosis_necessity_rate", Level.LINE, (*_SERVICE, "line_diagnosis", "full_diagnosis"), 3, ("medical_necessity",), "payer {payer} denied {count} lines with {procedure} for diagnosis {full_diagnosis} as not medically necessary", details=("diagnosis",)),
    Encoding("attachment_rate", Level.LINE, (*_SERVICE, "attached"), 2, ("records",), "payer {payer} denied {count} lines with {procedure} {attached} for missing records"),
    Encoding("referral_rate", Level.LINE, (*_SERVICE, "referred"), 2, ("missing_information",), "payer {payer} denied {count} lines with {procedure} {referred} for missing information (the payer named the referring provider, or nothing)", details=("referring_provider",)),
    Encoding("drug_code_rate", Level.LINE, (*_SERVICE, "has_drug_code"), 2, ("missing_information",), "payer {payer} denied {count} lines with {procedure} {has_drug_code} for missing information (the payer named the drug code, or nothing)", details=("drug_code",)),
    Encoding("modifier_rate", Level.LINE, (*_SERVICE, "modifier"), 2, ("coding",), "payer {payer} denied {count} lines with {procedure} {modifier} for coding", details=("modifier",)),
    Encoding("place_rate", Level.LINE, (*_SERVICE, "place"), 2, ("coding",), "payer {payer} denied {count} lines with {procedure} at place of service {place} for coding", details=("place",)),
    Encoding("units_rate", Level.LINE, (*_SERVICE, "units_band"), 2, ("medical_necessity",), "payer {payer} denied {count} lines with {procedure} and {units_band} as not medically necessary", details=("units",)),
    Encoding("beside_rate", Level.PAIR, (*_SERVICE, "beside", "set_apart"), 2, ("coding",), "payer {payer} denied {count} lines with {procedure} billed with {beside} {set_apart} for coding", details=("bundling",)),
)  # fmt: skip

# Encodings whose recent rate is also a feature.
RECENT: tuple[str, ...] = (
    "payer_rate", "provider_rate", "provider_eligibility_rate", "payer_procedure_rate", "authorization_rate",
    "filing_delay_rate", "necessity_rate", "diagnosis_necessity_rate", "coverage_rate", "age_coverage_rate",
    "attachment_rate", "referral_rate", "beside_rate", "modifier_rate", "eligibility_rate",
)  # fmt: skip
RECENT_DAYS = 90

_YES_NO = (0.5,)
# Steps at which drift of a feature is measured; a model chooses its own steps from the data.
_RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 0.8)
_CUTS: dict[str, tuple[float, ...]] = {
    "days_to_filing": tuple(float(limit) for limit in range(10, 400, 20)),
    "charge": (50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 20_000),
    "lines": (1.5, 2.5, 3.5, 4.5, 5.5, 8, 12, 20),
    "most_units": (1.5, 2.5, 3.5, 4.5, 6, 8, 10, 15, 20, 40),
    "age": tuple(float(limit) for limit in range(5, 95, 5)),
    "month": tuple(number + 0.5 for number in range(1, 12)),
    "sent_before": (0.5, 1.5),
    "patient_denials": (0.5, 1.5, 2.5, 4.5),
}  # fmt: skip

_ON_CLAIM = "stands on the claim"
_COUNTED = "counted over claims that were answered before the training period ended"
_ARRIVED = f"remittances that had arrived on the day of sending, {RECENT_DAYS} days back"


def _facts() -> tuple[Feature, ...]:
    def of(name: str, meaning: str, unit: str, direction: int = 0, known_at: str = _ON_CLAIM) -> Feature:
        source = Source.CLAIM if known_at == _ON_CLAIM else Source.HISTORY
        cuts = _YES_NO if unit == "0 or 1" else _CUTS[name]
        return Feature(name, meaning, unit, source, direction, known_at, cuts)

    seen = "counted over claims sent before this one"
    return (
        of("days_to_filing", "days from the last service to sending", "days", 1),
        of("charge", "total charge", "dollars"),
        of("lines", "service lines", "lines"),
        of("most_units", "units of the line that has most", "units"),
        of("age", "age of the patient", "years"),
        of("authorization_missing", "no prior authorization number", "0 or 1", 1),
        of("attachment_missing", "no attachment", "0 or 1"),
        of("referral_missing", "no referring provider", "0 or 1"),
        of("rendering_missing", "no rendering provider", "0 or 1"),
        of("taxonomy_missing", "no taxonomy of the billing provider", "0 or 1"),
        of("is_corrected", "replaces an earlier claim", "0 or 1"),
        of("month", "month of sending; plans begin with the year", "month"),
        of("sent_before", "claims sent before for the same patient, provider, day and services", "claims", 1, seen),
        of("patient_denials", "denials of the patient's claims known in the last 365 days", "claims", 0, _ARRIVED),
    )  # fmt: skip


def _encoded() -> tuple[Feature, ...]:
    found = []
    for each in ENCODINGS:
        why = f" for {' or '.join(WORDS[reason] for reason in each.reasons)}" if each.reasons else ""
        what = {
            Level.CLAIM: f"share of claims denied{why}",
            Level.LINE: f"chance that a line is denied{why}, were lines independent",
            Level.PAIR: f"highest share of lines denied{why} beside another",
        }[each.level]
        meaning = f"{what}, by {', '.join(name.replace('_', ' ') for name in each.key)}"
        found.append(Feature(each.name, meaning, "probability", Source.ENCODING, 1, _COUNTED, _RATES))
        if each.name in RECENT:
            found.append(
                Feature(f"recent_{each.name}", f"{meaning}, last {RECENT_DAYS} days", "probability",
                        Source.RECENT, 1, _ARRIVED, _RATES)
            )  # fmt: skip
    return tuple(found + _combined())


# Features that combine all rates of single causes: a claim is paid if none of the causes denies any line.
COMBINED: dict[str, str] = {
    "any_cause": "counted over the training period",
    "any_recent_cause": f"counted over the last {RECENT_DAYS} days",
    "any_cause_at_worst": "the higher of both",
}


def _combined() -> list[Feature]:
    return [
        Feature(name, f"chance that any cause denies any line, were causes independent, {how}", "probability",
                Source.RECENT if name == "any_recent_cause" else Source.ENCODING, 1,
                _ARRIVED if name == "any_recent_cause" else _COUNTED, _RATES)
        for name, how in COMBINED.items()
    ]  # fmt: skip


FEATURES: tuple[Feature, ...] = _facts() + _encoded()
NAMES: tuple[str, ...] = tuple(each.name for each in FEATURES)
BY_NAME: dict[str, Feature] = {each.name: each for each in FEATURES}
ENCODING_OF: dict[str, Encoding] = {each.name: each for each in ENCODINGS}
