"""The reference pages of the platform: every setting, every event."""

from __future__ import annotations

import importlib
from typing import Any, get_args

Files = dict[str, str]

SETTINGS_INTRODUCTION = """\
# Settings

Settings come from `claimwright.yaml`, then `claimwright.ENVIRONMENT.yaml`, then variables; a later source
wins value by value. The files lie in the folder that `CLAIMWRIGHT_SETTINGS` names, by default the current
one; the environment is `--environment`, or `CLAIMWRIGHT_ENVIRONMENT`, or `local`.

In a file, `${NAME}` is a variable that must be set and `${NAME:default}` one that may be. The variable of
`database.pool_size` is `CLAIMWRIGHT_DATABASE__POOL_SIZE`; one underscore between section and name does too.
An empty variable counts as none; a list that is to be empty is a comma.

A secret has no default and is never written in a file: give it as `${NAME}`, as its own variable, or name a
file that holds it (`url_file` beside `url`, `CLAIMWRIGHT_DATABASE_URL_FILE`).

`claimwright settings` shows what is in force and where each value came from. A setting that does not exist or
does not fit ends a command in one line with file and line.

```yaml
database:
  url: ${DATABASE_URL}
  pool_size: ${POOL:4}
pipeline:
  workers: 2
  high_value_cents: 1000000
objects:
  url: s3://claims-of-north/claimwright
phi:
  key_store: aws-kms
  aws_key_id: alias/claimwright
```"""

EVENTS_INTRODUCTION = """\
# Events

What happened, as [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) in
structured JSON. An event is written in the transaction of the change that it tells of, and delivered at least
once: deduplicate on `id`. Events hold ids, counts and amounts, and nothing of a patient.

| attribute | what it is |
| --- | --- |
| `id` | a UUID, the same at every delivery of the event |
| `source` | `/claimwright/TENANT` |
| `type` | `claimwright.` and the name below, with its version |
| `subject` | what it is about, as given with each event |
| `time` | when it was written, UTC |
| `dataschema` | the name of the schema of `data` |
| `tenant`, `correlationid` | extensions: whose, and following from which request or file |
| `data` | as below |

A version never changes but in words. What means or holds something else is the next version.

`claimwright events relay` posts them to `events.webhook_url`, signed as
[Standard Webhooks](https://www.standardwebhooks.com/) says: `webhook-id`, `webhook-timestamp`, and
`webhook-signature` with HMAC-SHA-256 over `id.timestamp.body`. A receiver checks the signature, refuses a
timestamp more than five minutes off, and answers 2xx; anything else is tried again with growing waits, and
given up after `events.attempts`. Within the database, `LISTEN claimwright_events` hears of each at its
commit."""


def settings_page() -> Files:
    """Every setting: its variable, default and meaning."""
    reading = importlib.import_module("claimwright.platform.settings.reading")
    tree = importlib.import_module("claimwright.platform.settings.tree")
    parts = [SETTINGS_INTRODUCTION]
    section = None
    rows: list[str] = []
    for name, info in reading.settings_paths():
        here = name.partition(".")[0] if "." in name else "general"
        if here != section:
            parts += _table(rows)
            section, rows = here, []
            parts.append(f"## {here}")
        rows.append(f"| `{name}` | {_default(name, info, tree.PLACES)} | {_limits(info)}{info.description} |")
    return {"settings.md": "\n\n".join([*parts, *_table(rows)])}


def _table(rows: list[str]) -> list[str]:
    return ["\n".join(["| setting | default | what it is |", "| --- | --- | --- |", *rows])] if rows else []


def _default(name: str, info: Any, places: dict[str, str]) -> str:
    if name in places:
        return f"`HOME/{places[name]}`"
    if name == "home":
        return "`~/.local/share/claimwright`"
    if name == "pipeline.workers":
        most = importlib.import_module("claimwright.platform.settings.tree").MOST_WORKERS
        return f"one for each processor, at most {most}"
    if info.default is None:
        secret = importlib.import_module("claimwright.platform.settings.reading").is_secret(info)
        return "none; a secret" if secret else "none"
    if isinstance(info.default, list):
        return f"`{', '.join(info.default)}`" if info.default else "none"
    return f"`{info.default}`"


def _limits(info: Any) -> str:
    """The words that it may be, where they are a known few."""
    words = [each for each in get_args(info.annotation) if isinstance(each, str)]
    return f"{', '.join(f'`{word}`' for word in words)}. " if words else ""


def events_page() -> Files:
    """Every event: when it is published, its subject, and its data."""
    events = importlib.import_module("claimwright.store.events")
    parts = [EVENTS_INTRODUCTION]
    for event in events.EVENTS.types.values():
        required = set(event.schema["required"])
        rows = ["| data | type | what it is |", "| --- | --- | --- |"]
        for name, field in event.schema["properties"].items():
            said = field.get("type") or "one of " + ", ".join(field["enum"])
            kind = " or ".join(said) if isinstance(said, list) else str(said)
            kind = f"array of {field['items']['type']}" if kind == "array" else kind
            absent = "" if name in required else ", may be absent"
            rows.append(f"| `{name}` | {kind}{absent} | {field['description']} |")
        parts += [f"## {event.name}", event.meaning, f"Subject: `{event.subject}`.", "\n".join(rows)]
    return {"events.md": "\n\n".join(parts)}


API_ERRORS_INTRODUCTION = """\
# Errors of the API

Every answer that is no success has one shape, [described with the API](../api.md#manners). `code` is one of
these; a program should act on it and not on the message."""


def api_errors_page() -> Files:
    """Every code of an error of the API."""
    codes = importlib.import_module("claimwright.apps.api.errors").CODES.values()
    rows = [f"| `{each.code}` | {each.status} | {each.meaning} | {each.do} |" for each in codes]
    table = "\n".join(["| code | status | meaning | what to do |", "| --- | --- | --- | --- |", *rows])
    return {"api_errors.md": f"{API_ERRORS_INTRODUCTION}\n\n{table}\n"}
