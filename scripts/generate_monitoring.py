"""Write what Prometheus and Grafana need, and a page of the runbook for each alert, from one list.

deploy/prometheus/claimwright.rules.yml    alert rules
deploy/prometheus/claimwright.test.yml     a unit test of each rule, for promtool
deploy/grafana/*.json                      dashboards
docs/runbooks/*.md                         a page for each alert
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

from monitoring_dashboards import DASHBOARDS, dashboard
from monitoring_list import RULES, Rule

ROOT = Path(__file__).resolve().parent.parent
PAGES = "docs/runbooks"
MADE = "Written by `make dashboards` from scripts/monitoring_list.py."


def page_of(rule: Rule) -> str:
    """The name of a rule's page: database-lost.md."""
    words = re.findall(r"[A-Z][a-z0-9]*", rule.name.removeprefix("Claimwright"))
    return "-".join(words).lower() + ".md"


def _when(rule: Rule) -> str:
    return "as soon as this is true" if rule.wait == "0m" else f"when this has been true for {rule.wait}"


def rules_file() -> str:
    """The rules, as Prometheus reads them."""
    rules = [
        {
            "alert": each.name,
            "expr": each.expr,
            "for": each.wait,
            "labels": {"severity": each.severity},
            "annotations": {
                "summary": each.summary,
                "description": each.means,
                "runbook": f"{PAGES}/{page_of(each)}",
            },
        }
        for each in RULES
    ]
    return _yaml({"groups": [{"name": "claimwright", "rules": rules}]})


def tests_file() -> str:
    """Unit tests: each rule is quiet before its fault, and fires with its labels after it."""
    tests = []
    for each in RULES:
        alert = {
            "exp_labels": {"severity": each.severity, **dict(each.labels)},
            "exp_annotations": {
                "summary": each.summary,
                "description": each.means,
                "runbook": f"{PAGES}/{page_of(each)}",
            },
        }
        tests.append(
            {
                "name": each.name,
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in each.series],
                "alert_rule_test": [
                    {"eval_time": f"{each.quiet_at}m", "alertname": each.name, "exp_alerts": []},
                    {"eval_time": f"{each.fires_at}m", "alertname": each.name, "exp_alerts": [alert]},
                ],
            }
        )
    return _yaml({"rule_files": ["claimwright.rules.yml"], "evaluation_interval": "1m", "tests": tests})


def pages() -> dict[str, str]:
    """The pages of the runbook by name, and their index."""
    found = {}
    rows = ["| alert | severity | what it says |", "| --- | --- | --- |"]
    for each in RULES:
        name = page_of(each)
        steps = "\n".join(f"{number}. {text}" for number, text in enumerate(each.steps, 1))
        found[name] = (
            f"# {each.summary}\n\n<!-- {MADE} -->\n\n"
            f"`{each.name}`, {each.severity}. Fires {_when(each)}:\n\n"
            f"```promql\n{each.expr}\n```\n\n{each.means}\n\n## What to do\n\n{steps}\n\n"
            "[All alerts](README.md) · [Runbook](../runbook.md)\n"
        )
        rows.append(f"| [{each.name}]({name}) | {each.severity} | {each.summary} |")
    table = "\n".join(rows)
    found["README.md"] = (
        f"# Alerts of operations\n\n<!-- {MADE} -->\n\nRules for Prometheus in "
        f"`deploy/prometheus/claimwright.rules.yml`; see [monitoring](../monitoring.md).\n\n{table}\n"
    )
    return found


def files() -> dict[Path, str]:
    """All files by path under the root."""
    made = {
        Path("deploy/prometheus/claimwright.rules.yml"): rules_file(),
        Path("deploy/prometheus/claimwright.test.yml"): tests_file(),
    }
    for name, text in pages().items():
        made[Path("docs/runbooks") / name] = text
    for each in DASHBOARDS:
        made[Path("deploy/grafana") / f"{each.uid}.json"] = json.dumps(dashboard(each), indent=2) + "\n"
    return made


def _yaml(value: object) -> str:
    text = yaml.safe_dump(value, sort_keys=False, width=110, allow_unicode=True)
    return f"# {MADE}\n{text}"


def main() -> None:
    """Write the files; with --check, say which are not as they should be, and fail."""
    stale = []
    for path, text in files().items():
        there = ROOT / path
        if there.is_file() and there.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path))
        if "--check" not in sys.argv:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(text, encoding="utf-8")
            print(f"{path}: written")
    if stale and "--check" in sys.argv:
        sys.exit(f"not as the list says: {', '.join(stale)}. Run: make dashboards")


if __name__ == "__main__":
    main()
