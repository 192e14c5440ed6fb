"""A model's card for people: one HTML page with its measures, its curves and its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from claimwright.engines.prediction import ALL, FEATURES, Model, ReviewPolicy
from claimwright.engines.prediction.terms import STEP, Term

from .pictures import curve, steps
from .policies import review_points

_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;"
    "padding:.3rem .6rem;text-align:left}"
    "figure{display:inline-block;margin:.5rem}"
)
_LIMITS = (
    "It knows what payers did in its training period; a policy that changes is noticed as answers come in.",
    "It says what is likely, not what is right: a claim that should be paid may still be likely denied.",
    "Where evidence is thin, rates are pulled towards wider groups; the confidence says how sure it is.",
    "Sex, race and address are not looked at; age is, since coverage depends on it.",
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
                for each, note in about["periods"].items()
            ],
        ),
        "<h2>How good it is</h2><p>On the judged period, which nobody learned from.</p>",
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
                for each, found in about["measures"].items()
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
    parts += _reviews(model, policy)
    order = [row["term"] for row in about["importance"]]
    by_title = {model.terms.title(number): term for number, term in enumerate(model.terms.terms)}
    parts.append("<h2>Terms</h2><p>What each contributes over its values, weightiest first.</p>")
    parts += [_figure(_drawn(by_title[title], title)) for title in order if len(by_title[title].axes) == 1]
    pairs = [title for title in order if len(by_title[title].axes) == 2]
    parts.append("<h2>Pairs</h2>" + "".join(_surface(by_title[title], title) for title in pairs))
    parts.append("<h2>Limits</h2><ul>" + "".join(f"<li>{escape(each)}</li>" for each in _LIMITS) + "</ul>")
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Model {escape(name)}</title>"
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def _reviews(model: Model, policy: ReviewPolicy | None) -> list[str]:
    """What reviews would have brought by threshold, payer by payer, with the point that is in force."""
    points = review_points(model, policy)
    if not points:
        return []
    named = [(point.payer or "all others", point) for point in points]
    rows = [
        (
            payer,
            f"{point.claims:,}",
            _share(point.threshold),
            _share(point.reviewed),
            _share(point.caught),
            f"${point.worth_cents / 100:,.0f}",
        )
        for payer, point in named
    ]
    drawn = [
        _figure(
            curve(
                [(row["threshold"], row["worth_cents"] / 100) for row in point.curve.iter_rows(named=True)],
                title=f"Payer {payer}" if point.payer != ALL else "All payers together",
                across="reviewed from this probability on",
                up="worth in dollars",
                marked=point.threshold,
            )
        )
        for payer, point in named
    ]
    return [
        "<h2>When a person looks</h2><p>What reviews would have brought on the calibration period, less "
        "their cost, by the probability from which on claims are reviewed; the line is the point in force."
        "</p>",
        _table(("payer", "claims", "reviewed from", "reviewed", "denials caught", "worth"), rows),
        *drawn,
    ]


def _drawn(term: Term, title: str) -> str:
    axis = term.axes[0]
    heights = [float(each) / STEP for each in term.contributions[1:-1]]
    cuts = [] if axis.cuts is None else [float(each) for each in axis.cuts]
    return steps(cuts, heights, title=title.replace("_", " "), across=FEATURES[axis.feature].unit)


def _surface(term: Term, title: str) -> str:
    """Two features as a table of colours: what they add together."""
    table = term.contributions[1:-1, 1:-1].astype(float) / STEP
    most = max(abs(table).max(), 0.01)
    size = 8
    cells = [
        f"<rect x='{x * size}' y='{y * size}' width='{size}' height='{size}' "
        f"fill='{'#b3261e' if table[y, x] > 0 else '#1a6b3c'}' fill-opacity='{abs(table[y, x]) / most:.2f}'/>"
        for y in range(table.shape[0])
        for x in range(table.shape[1])
        if abs(table[y, x]) > 0.01 * most
    ]
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{table.shape[1] * size}' "
        f"height='{table.shape[0] * size}' role='img' aria-label='{escape(title, quote=True)}'>"
        f"{''.join(cells)}</svg>"
    )
    words = escape(title.replace("_", " "))
    return f"<figure>{svg}<figcaption>{words}: red adds up to {most:.2f}</figcaption></figure>"


def _figure(svg: str) -> str:
    return f"<figure>{svg}</figure>"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _listed(rows: Iterable[tuple[str, Any]]) -> str:
    return _table(("", ""), [(name, str(value)) for name, value in rows])
