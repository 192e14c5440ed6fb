"""What the model advises, tried in fresh denial worlds; writes docs/remedies.md.

    python scripts/remedy_benchmark.py                   five published worlds with seeds from the date
    python scripts/remedy_benchmark.py --worlds 1 --claims 20000
    python scripts/remedy_benchmark.py --check           writes nothing

Every offered step is done and the claim judged again by the adjudicator. Exits 1 where a target is missed: 85
percent precision and 80 percent recall of every kind that is offered, pooled over the worlds, and 45 and 75
percent of the fixable denials averted with 5 and 10 percent of the claims reviewed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from claimwright.engines.prediction import PROFILES, Model, Standing
from claimwright.features.prediction import History
from claimwright.foundation import clock
from claimwright_lab.advice_trial import KINDS, Quality, Reviewed, try_advice
from claimwright_lab.denial_world import World
from markdown_tables import table
from measured_worlds import CALIBRATE_UNTIL, TRAIN_UNTIL, arguments, measured

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "remedies.md"
LEAST_PRECISION, LEAST_RECALL = 0.85, 0.80
CAPACITIES = {0.05: 0.45, 0.10: 0.75}
SHARES = (0.02, *CAPACITIES)
_NAMES = {"authorization": "authorization number", "referring_provider": "referring provider"}


@dataclass(frozen=True)
class Tried:
    """One world."""

    seed: int
    claims: int
    standing: dict[str, Standing]
    quality: dict[str, Quality]
    reviewed: dict[str, dict[float, Reviewed]]
    by_default: dict[str, float]


def main() -> int:
    """Try, say how it stands, write the page."""
    options = arguments(__doc__)
    tried: list[Tried] = []
    missed: list[str] = []
    for seed in options.seeds:
        tried.append(measured(options.kind, options.claims, seed)["remedies"])
        print(_said(tried[-1]), flush=True)
        missed = misses(tried)
        # After every world, so that a run that is ended early leaves what it has.
        if not options.check:
            PAGE.write_text(_page(tried, options.kind, options.claims, missed), encoding="utf-8")
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


def measure(world: World, history: History, model: Model) -> Tried:
    """What one world shows."""
    trial = try_advice(world, history, model, CALIBRATE_UNTIL)
    standing = dict(model.remedies.standing)
    reviewed = {
        name: {share: trial.capacity(profile.economics, share) for share in SHARES}
        for name, profile in PROFILES.items()
    }
    reviewed["by probability"] = {share: trial.by_probability(share) for share in SHARES}
    reviewed["the best possible"] = {share: trial.best(share) for share in SHARES}
    return Tried(
        world.options.seed,
        len(trial.truth),
        standing,
        {name: trial.quality(name, least=standing[name].least) for name in KINDS if name in standing},
        reviewed,
        {name: trial.reviewed_by_default(profile.economics) for name, profile in PROFILES.items()},
    )


def pooled(tried: list[Tried], kind: str) -> Quality | None:
    """The offers of all worlds in which the kind is offered, as if they were one."""
    found = [each.quality[kind] for each in tried if kind in each.standing and each.standing[kind].is_offered]
    offers, helpful = (sum(getattr(each, name) for each in found) for name in ("offers", "helpful"))
    if not offers:
        return None

    def mean(name: str, weight: str) -> float:
        total = sum(getattr(each, name) * getattr(each, weight) for each in found)
        return float(total) / float(max(sum(getattr(each, weight) for each in found), 1))

    return Quality(
        offers,
        mean("precision", "offers"),
        mean("unmoved", "offers"),
        helpful,
        mean("recall", "helpful"),
        mean("stated", "offers"),
        mean("true", "offers"),
        mean("covered", "offers"),
    )


def misses(tried: list[Tried]) -> list[str]:
    """The targets that are missed, in words."""
    found = []
    for kind in KINDS:
        quality = pooled(tried, kind)
        if quality is None:
            continue
        if quality.precision < LEAST_PRECISION:
            found.append(f"{_name(kind)}: precision {quality.precision:.1%}")
        if quality.recall < LEAST_RECALL:
            found.append(f"{_name(kind)}: recall {quality.recall:.1%}")
    for share, least in CAPACITIES.items():
        found += [
            f"seed {each.seed}, {name}: {each.reviewed[name][share].denials:.1%} averted at {share:.0%}"
            for each in tried
            for name in PROFILES
            if each.reviewed[name][share].denials < least
        ]
    return found


def _name(kind: str) -> str:
    return _NAMES.get(kind, kind.replace("_", " "))


def _said(one: Tried) -> str:
    lines = [f"seed {one.seed}, {one.claims:,} judged"]
    for kind, quality in one.quality.items():
        standing = one.standing[kind]
        lines.append(
            f"  {kind}: {'offered' if standing.is_offered else 'not offered'} "
            f"(measured {standing.precision:.1%}/{standing.recall:.1%} of {standing.denials}), "
            f"{quality.offers} offers, true {quality.precision:.1%}/{quality.recall:.1%}, "
            f"unmoved {quality.unmoved:.1%}, gain {quality.stated:.3f} true {quality.true:.3f}, "
            f"covered {quality.covered:.1%}"
        )
    for name, found in one.reviewed.items():
        shares = ", ".join(f"{share:.0%}: {each.denials:.1%}" for share, each in found.items())
        lines.append(f"  {name}: {shares}")
    lines.append(f"  by default: {', '.join(f'{k} {v:.1%}' for k, v in one.by_default.items())}")
    return "\n".join(lines)


INTRODUCTION = """\
# What would help, and what to review first

`make remedy-benchmark` writes this page. It makes {worlds} fresh [{kind} denial worlds](denial_world.md) of
{claims:,} claims, whose seeds come from the date, trains a model on claims sent before {train} and measures its
steps from October 2024 to February 2025. Then every step that the model offers for a claim sent from March to June is done,
and the adjudicator, which shares no code with the model, judges the claim again. All claims are synthetic: these
figures show that the method tells a step that helps from one that does not. They are not a promise about a payer.

| | |
| --- | --- |
| written on | {day} |
| seeds | {seeds} |
| claims judged | {judged:,} |
| result | {result} |

## What is offered

A step is offered only if this payer denied this service without it, is likely to do so still, and was seen with it.
How likely a demand must be, and whether a kind of step is offered at all, is not a constant: training measures every
kind on later claims, and one with less than 85 percent precision or 80 percent recall there, or with fewer than 50
denials to measure by, is switched off in the model's data. `claimwright model show` prints it.

- **Precision**: share of offers with which the true probability of a denial falls by a fifth or more.
- **Does nothing**: share of offers with which it does not fall at all.
- **Recall**: of the claims whose true probability falls by a fifth, and by five points, the share with an offer.
- **Stated, true**: mean of the points by which the model says, and by which the adjudicator says, that it falls.
- **Within**: share of offers whose true fall is within the stated 90 percent interval.

All worlds in which the kind is offered, together:

"""

STEPS_HEADER = [
    "step", "offered in", "offers", "precision", "does nothing", "helpful claims", "recall", "stated", "true", "within",
]  # fmt: skip


def _page(tried: list[Tried], kind: str, claims: int, missed: list[str]) -> str:
    page = INTRODUCTION.format(
        worlds=len(tried),
        kind=kind,
        claims=claims,
        train=TRAIN_UNTIL,
        day=clock.today(),
        seeds=", ".join(str(each.seed) for each in tried),
        judged=sum(each.claims for each in tried),
        result=_result(tried, missed),
    )
    page += table(STEPS_HEADER, [_step_row(tried, name) for name in KINDS]) + "\n"
    page += (
        "\nModifiers 25, 59, XE, XS, XP and XU are never offered. Where a payer bundles two services, a note says how "
        "often it did, and what the record must show for such a modifier to be true.\n"
        "\nBy world: true precision and recall, also of kinds that are off; in brackets what the model itself measured before, from remittances alone, and the denials that it had for that:\n\n"
    )
    page += table(
        ["seed", *(_name(name) for name in KINDS)],
        [[str(each.seed), *(_standing_cell(each, name) for name in KINDS)] for each in tried],
    )
    page += (
        "\n\n## What to review first\n\n"
        "Expected gain of a review = share of steps that can be done x (p - p after the step) x (rework + money that is "
        "not recovered) - cost of the work. The order counts every step with evidence, also of kinds that are not "
        "precise enough to be named to somebody. Share of the fixable denials that is averted if so many claims are "
        "reviewed in this order and the model's best step is done; fixable is what any of the steps above would "
        "truly avert. In the order of probability, whoever reviews is assumed to find the best step without help.\n\n"
    )
    names = [*PROFILES, "by probability", "the best possible"]
    header = [
        "order",
        *(f"{share:.0%} of claims" for share in SHARES),
        "lowest at 5%, 10%",
        "dollars at 5%, 10%",
    ]
    page += table(header, [_capacity_row(tried, name) for name in names])
    page += (
        "\n\nThe targets are 45 percent at 5 percent and 75 at 10, in every world. Reviewed by default:\n\n"
    )
    page += table(
        ["costs of", *(str(each.seed) for each in tried)],
        [[name, *(f"{each.by_default[name]:.1%}" for each in tried)] for name in PROFILES],
    )
    return page + "\n\n" + _profiles() + LIMITS


def _result(tried: list[Tried], missed: list[str]) -> str:
    if missed:
        return "missed: " + "; ".join(missed)
    if all(pooled(tried, kind) is None for kind in KINDS):
        return (
            "the targets of reviews are met; no kind of step had enough denials to be offered, see the limits"
        )
    return "all targets are met"


def _step_row(tried: list[Tried], kind: str) -> list[str]:
    quality = pooled(tried, kind)
    on = sum(kind in each.standing and each.standing[kind].is_offered for each in tried)
    if quality is None:
        return [_name(kind), f"{on} of {len(tried)}", *[""] * (len(STEPS_HEADER) - 2)]
    return [
        _name(kind), f"{on} of {len(tried)}", f"{quality.offers:,}", f"{quality.precision:.1%}",
        f"{quality.unmoved:.1%}", f"{quality.helpful:,}", f"{quality.recall:.1%}", f"{quality.stated * 100:.0f}",
        f"{quality.true * 100:.0f}", f"{quality.covered:.0%}",
    ]  # fmt: skip


def _standing_cell(one: Tried, kind: str) -> str:
    standing, quality = one.standing.get(kind), one.quality.get(kind)
    if standing is None or quality is None:
        return "no evidence"
    measured = f"({standing.precision:.0%}, {standing.recall:.0%} of {standing.denials})"
    state = "" if standing.is_offered else "off: "
    return f"{state}{quality.precision:.0%}, {quality.recall:.0%} {measured}"


def _capacity_row(tried: list[Tried], name: str) -> list[str]:
    def mean(share: float, what: str) -> float:
        return float(sum(getattr(each.reviewed[name][share], what) for each in tried)) / len(tried)

    lowest = ", ".join(
        f"{min(each.reviewed[name][share].denials for each in tried):.0%}" for share in CAPACITIES
    )
    dollars = ", ".join(f"{mean(share, 'money'):.0%}" for share in CAPACITIES)
    return [name, *(f"{mean(share, 'denials'):.1%}" for share in SHARES), lowest, dollars]


def _profiles() -> str:
    rows = []
    for name, profile in PROFILES.items():
        own, source = profile.economics, profile.sources
        rows += [
            [name, "rework of a denial", f"${own.rework_cents / 100:.2f}", source["rework_cents"]],
            ["", "recovered anyway", f"{own.recovered:.0%}", source["recovered"]],
        ]
    own, source = PROFILES["practice"].economics, PROFILES["practice"].sources
    steps = ", ".join(f"{_name(name)} ${cents / 100:.2f}" for name, cents in own.step_cents.items())
    rows += [
        ["all", "review of a claim", f"${own.review_cents / 100:.2f}", source["review_cents"]],
        ["", "steps that can be done", f"{own.done:.0%}", source["done"]],
        ["", "cost of a step", steps, source["step_cents"]],
    ]
    return (
        "## Costs\n\nNamed in the review policy (`profile: hospital`); every figure can be stated instead. "
        "`practice` is used without a policy.\n\n"
        + table(["profile", "figure", "value", "source"], rows)
        + "\n"
    )


LIMITS = """
## Limits

- **It takes many claims.** In five fresh worlds of 40,000 claims (2026-11-29), authorization numbers and referring providers
  were offered in two each; in the others their recall was too low, because a payer's first denials of a service can't be foreseen.
  In five worlds of 2026-11-30 authorization numbers were offered in one, where 84.2 percent of the offers were right (160 of
  190; 92 percent had been measured in training), which misses the 85 percent, and referring providers in two.
  Attachments stayed off in every world that was tried, with a recall of 58 to 80 percent: demands above a charge that few
  claims reach are found late. For modifiers there were at most three denials to measure by.
- Without remarks (RARC), denials with CARC 16 do not say what was missing, and steps for them can't be learned.
- A step says what a payer paid for, not what is true of a patient: a number, a record or a modifier is added only if it
  exists and the record supports it. An authorization often can't be obtained after the service.
- What a payer never denied before, nobody can foresee: new demands are offered after the first denials.
- In the worlds, reasons of denial are independent. With a payer that denies for a second reason once the first is gone,
  gains are smaller than stated.
"""


if __name__ == "__main__":
    sys.exit(main())
