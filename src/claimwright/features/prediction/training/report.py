"""The model card: one HTML page with the model's measures, curves and limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import polars as pl

from claimwright.engines.prediction import ALL, FEATURES, Model, ReviewPolicy
from claimwright.engines.prediction.terms import STEP, Real, Term, TermTables
from claimwright.features.prediction.scoring import CONFIDENCE_MEANS, ReviewPoint, review_points

from .pictures import curve, steps, surface, value_of

_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;"
    "padding:.3rem .6rem;text-align:left}"
    "td:not(:first-child){text-align:right}table.words td{text-align:left}"
    "figure{display:inline-block;margin:.5rem;vertical-align:top;width:460px;max-width:100%}"
    "figure svg{max-width:100%;height:auto}figcaption{font-size:.85rem;color:#5c5c5c;padding:0 .5rem}"
)
_MOST_PAIRS = 12
_LIMITS = (
    "It knows what payers did in its training period. A policy change shows only in later remittances.",
    "It predicts what is likely, not what is correct: a claim that should be paid can still be denied.",
    "If there are few decided claims, rates are estimated from wider groups.",
    "Sex, race and address are not used. Age is used, because coverage depends on it.",
)


def model_report(name: str, model: Model, policy: ReviewPolicy | None = None) -> str:
    """The page: what the model learned from, how good it is, by payer, and the curve of every term."""
    about = model.about
    parts = [
        f"<h1>Model {escape(name)}</h1>",
        _listed(
            [
                ("kind", about["kind"]),
                ("learned from", about["source"]),
                ("seed", about["seed"]),
                ("calibration", about["calibration"]),
                ("code", about["code_sha256"][:12]),
                ("data", about["data_sha256"][:12]),
            ]
        ),
        "<h2>Periods</h2>",
        _table(
            ("", "from", "to", "claims", "denied"),
            [
                (each, note["from"], note["to"], f"{note['claims']:,}", f"{note['denied']:,}")
                for each, note in sorted(about["periods"].items(), key=lambda item: str(item[1]["from"]))
            ],
        ),
        "<h2>How good it is</h2><p>On the evaluation period, which no model was trained on.</p>",
        _table(
            ("", "PR-AUC", "recall at 90 %", "at 95 %", "Brier", "calibration slope"),
            [
                (
                    each,
                    _number(found["pr_auc"]),
                    _share(found["recall_at_90"]),
                    _share(found["recall_at_95"]),
                    _number(found["brier"]),
                    _number(found["calibration_slope"]),
                )
                for each, found in _in_order(about)
            ],
        ),
        "<h2>By payer</h2>",
        _table(
            ("payer", "claims", "predicted", "observed"),
            [
                (
                    str(row["group"]),
                    f"{row['claims']:,}",
                    _share(row["predicted"]),
                    _share(row["observed"]),
                )
                for row in about["by_payer"]
            ],
        ),
    ]
    parts += _intervals(about)
    parts += _reviews(model, policy)
    order = [row["term"] for row in about["importance"]]
    if isinstance(model.terms, TermTables):
        parts += _terms(model.terms, order)
    parts.append("<h2>Limits</h2><ul>" + "".join(f"<li>{escape(each)}</li>" for each in _LIMITS) + "</ul>")
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width'><title>Model {escape(name)}</title>"
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def _intervals(about: dict[str, Any]) -> list[str]:
    """How often the intervals held on the evaluation period, and what confidences were worth."""
    notes = about.get("intervals")
    if not notes:
        return []
    probability, days, dollars = (notes[name] for name in ("probability", "days", "dollars"))
    rows = [
        (
            "share denied, by payer and band",
            f"{probability['groups']} groups",
            _share(probability["coverage"]),
        ),
        (
            "share denied, by payer",
            f"{notes['payers']['payers']} payers",
            _share(notes["payers"]["coverage"]),
        ),
        ("days to the answer", "answered claims", _share(days["coverage"])),
        ("the same, lowest of a payer", "answered claims", _share(days["lowest_of_payer"])),
        ("dollars lost, by payer", f"{dollars['payers']} payers", _share(dollars["coverage"])),
    ]
    sure = [
        (
            f"{_share(each['from'])} to {_share(each['to'])}", f"{each['claims']:,}", _share(each["least"]),
            _share(each["right"]),
        )
        for each in notes["confidence"]
    ]  # fmt: skip
    unanswered = notes["unanswered"]
    return [
        "<h2>Intervals and confidence</h2><p>Intervals are made to contain 9 of 10. Counted on the "
        "evaluation period; chance moves what was counted, so that a share is inside less often than the "
        "true one.</p>",
        _table(("interval of", "of", "inside"), rows),
        f"<p>A confidence is {CONFIDENCE_MEANS}.</p>",
        _table(("confidence", "claims", "on average", "likelier outcome happened"), sure),
        f"<p>Without an answer after 180 days: {_share(unanswered['predicted'])} predicted, "
        f"{_share(unanswered['observed'])} observed.</p>",
    ]


def _reviews(model: Model, policy: ReviewPolicy | None) -> list[str]:
    """Benefit of reviews by threshold, for each payer, with the threshold in use."""
    points = review_points(model, policy)
    if not points:
        return []
    by_gain = any(point.from_cents is not None for point in points)
    named = [(point.payer or "all others", point) for point in points]
    rows = [
        (
            payer,
            f"{point.claims:,}",
            point.reviewed_from,
            _share(point.reviewed),
            _share(point.caught),
            f"${point.worth_cents / 100:,.0f}",
        )
        for payer, point in named
    ]
    drawn = [
        _figure(
            curve(
                [
                    (row["reviewed"], row["worth_cents"] / 100)
                    for row in _thinned(point).iter_rows(named=True)
                ],
                title=f"Payer {payer}" if point.payer != ALL else "All payers together",
                across="share of claims that are reviewed",
                up="worth in dollars",
                ticks=[(each / 50, f"{each * 2}%") for each in range(0, 51, 5)],
                marked=(point.reviewed, f"{point.reviewed:.0%}"),
            )
        )
        for payer, point in named
        if point.curve.height > 1
    ]
    order = "by the expected gain of its best step" if by_gain else "by probability of a denial"
    caught = "of fixable denials" if by_gain else "denials caught"
    return [
        "<h2>When a person reviews</h2><p>Benefit of reviews in the calibration period minus "
        f"their cost, {order}. The line is the threshold in use.</p>",
        _table(("payer", "claims", "reviewed from", "reviewed", caught, "worth"), rows),
        *drawn,
    ]


def _thinned(point: ReviewPoint) -> pl.DataFrame:
    """The curve by share reviewed, with at most a hundred points."""
    ordered = point.curve.sort("reviewed")
    return ordered.gather_every(max(ordered.height // 100, 1))


def _terms(tables: TermTables, order: list[str]) -> list[str]:
    """Every term of one feature and the largest of two, by mean contribution."""
    by_title = {tables.title(number): term for number, term in enumerate(tables.terms)}
    alone = [title for title in order if len(by_title[title].features) == 1]
    pairs = [title for title in order if len(by_title[title].features) == 2]
    shown = pairs[:_MOST_PAIRS]
    more = f" The {len(shown)} largest of {len(pairs)}." if len(shown) < len(pairs) else ""
    return [
        "<h2>Terms</h2><p>Contribution of each term over its values, largest first.</p>",
        *(_drawn(tables, by_title[title], title) for title in alone),
        f"<h2>Pairs</h2><p>Contribution of two features beyond what each contributes alone.{more}</p>",
        *(_surface(tables, by_title[title], title) for title in shown),
    ]


def _drawn(tables: TermTables, term: Term, title: str) -> str:
    (number,) = term.features
    feature = FEATURES[number]
    heights = [float(each) / STEP for each in term.contributions[1:]]
    cuts = [float(each) for each in tables.cuts[number]]
    drawn = steps(cuts, heights, title=title.replace("_", " "), unit=feature.unit)
    return _figure(drawn, feature.meaning)


def _surface(tables: TermTables, term: Term, title: str) -> str:
    """The joint contribution of two features."""
    table = (term.contributions[1:, 1:].astype(float) / STEP).tolist()
    down, across = (_named_axis(number, tables.cuts[number]) for number in term.features)
    return _figure(surface(table, title=title.replace("_", " "), down=down, across=across))


def _named_axis(number: int, cuts: Real) -> tuple[str, list[tuple[float, str]]]:
    """A feature's name and unit, and the first and last of its cuts."""
    feature = FEATURES[number]
    name = feature.name.replace("_", " ")
    if feature.unit == "0 or 1":
        return name, [(0.5, "no"), (1.5, "yes")]
    ends = [
        (1.0, value_of(float(cuts[0]), feature.unit)),
        (float(len(cuts)), value_of(float(cuts[-1]), feature.unit)),
    ]
    return f"{name}, {feature.unit}" if feature.unit != name else name, ends[: len(cuts)]


def _figure(svg: str, words: str = "") -> str:
    return f"<figure>{svg}{f'<figcaption>{escape(words)}</figcaption>' if words else ''}</figure>"


def _in_order(about: dict[str, Any]) -> list[tuple[str, Any]]:
    """Measures, those of the model first and of the best possible model last."""
    places = {about["kind"]: 0, "Bayes-optimal": 2}
    return sorted(about["measures"].items(), key=lambda each: (places.get(each[0], 1), each[0]))


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "") -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{kind}><tr>{head}</tr>{body}</table>"


def _listed(rows: Iterable[tuple[str, Any]]) -> str:
    return _table(("", ""), [(name, str(value)) for name, value in rows], kind=" class='words'")
