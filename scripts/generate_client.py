"""Write the typed client, `claimwright.client`, from the API's own description. tests/house proves it fresh.

Every schema becomes a `TypedDict`, every route a method. The name of a method follows from the route:
`GET /claims/{claim_key}/findings` is `list_claim_findings`, `POST /waivers` is `create_waiver`. What is
written by hand is in `connection.py`.
"""

from __future__ import annotations

import builtins
import keyword
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from claimwright.apps.api import create_app
from claimwright.apps.api.selection import FIELDS
from claimwright.platform.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "src" / "claimwright" / "client"
PREFIX = "/api/v1"
MARK = "Written by `make client` from the API's own description: change the routes instead."
# Read as they come, by `Connection.events`.
STREAMS = {f"{PREFIX}/events/stream"}
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

Schema = dict[str, Any]


def described() -> dict[str, Any]:
    """The API's own description, with the settings' defaults."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(folder=Path(folder), variables={"CLAIMWRIGHT_HOME": folder})
        return create_app(settings).openapi()


def type_of(schema: Schema) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return name_of(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(type_of(each) for each in schema[several]))
    kind = schema.get("type")
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if kind == "object":
        more = schema.get("additionalProperties", True)
        return f"dict[str, {type_of(more) if isinstance(more, dict) else 'Any'}]"
    return _PLAIN.get(str(kind), "Any")


def name_of(schema: str) -> str:
    """The name of a schema's class: `Page_ListedClaim_` is `PageListedClaim`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", schema) if part)


def models(schemas: dict[str, Schema]) -> str:
    """The module of the schemas."""
    parts = [
        f'"""What the API takes and answers.\n\n{MARK}\n"""\n\nfrom __future__ import annotations\n\n'
        "from typing import Any, Literal, NotRequired, TypedDict\n"
    ]
    for raw, schema in sorted(schemas.items()):
        text = " ".join(str(schema.get("description", raw)).split("\n\n")[0].split())
        if "enum" in schema:
            parts.append(f"{name_of(raw)} = {type_of(schema)}\n")
            continue
        required = set(schema.get("required", ()))
        fields = [
            f"    {name}: {kind if name in required else f'NotRequired[{kind}]'}"
            for name, each in schema.get("properties", {}).items()
            for kind in [type_of(each)]
        ]
        body = "\n".join(fields) or "    pass"
        parts.append(f"class {name_of(raw)}(TypedDict):\n    {_docstring(text, 4)}\n\n{body}\n")
    return "\n\n".join(parts)


def method_name(method: str, path: str, operation: Schema) -> str:
    """The name of a route's method."""
    steps = path.removeprefix(PREFIX).strip("/").split("/")
    words = []
    for number, step in enumerate(steps):
        if step.startswith("{"):
            continue
        follows = steps[number + 1] if number + 1 < len(steps) else ""
        single = follows.startswith("{") or (
            method == "post" and number + 1 == len(steps) and _creates(operation)
        )
        words.append(_singular(step) if single else step)
    answer = _answer(operation)
    ref = "" if answer is None else answer.get("$ref", "")
    lists = answer is not None and (answer.get("type") == "array" or "/Page_" in ref or ref.endswith("Page"))
    verb = {
        "get": "list" if lists else "get",
        "post": "create" if _creates(operation) else "post",
        "patch": "change",
        "delete": "delete",
    }[method]
    return "_".join([verb, *words]).replace("-", "_")


def _creates(operation: Schema) -> bool:
    return "201" in operation["responses"]


def _singular(word: str) -> str:
    if word == "options":
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _answer(operation: Schema) -> Schema | None:
    """The schema of the answer; None where there is no JSON."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            content = response.get("content", {})
            return content[_JSON]["schema"] if _JSON in content else None
    return None


def api(paths: dict[str, dict[str, Schema]], schemas: dict[str, Schema]) -> str:
    """The module of the routes."""
    methods: dict[str, str] = {}
    for path, operations in paths.items():
        if path in STREAMS:
            continue
        for method, operation in operations.items():
            name = method_name(method, path, operation)
            if name in methods:
                raise SystemExit(f"{method} {path}: another route is {name} too")
            methods[name] = _method(name, method, path, operation)
    body = "\n".join(methods[name] for name in sorted(methods))
    used = sorted(name for raw in schemas if re.search(rf"\b{(name := name_of(raw))}\b", body))
    models_used = ", ".join(used)
    return (
        f'"""One method for each route of the API.\n\n{MARK}\n"""\n\nfrom __future__ import annotations\n\n'
        "from collections.abc import Iterable\nfrom typing import Any, Literal, cast\n\n"
        f"from .connection import Connection\nfrom .models import {models_used}\n\n\n"
        'class Client(Connection):\n    """The API; see `Connection` for credentials and pages."""\n\n'
        f"{body}"
    )


def _method(name: str, method: str, path: str, operation: Schema) -> str:
    arguments: list[tuple[int, str]] = []
    query: list[str] = []
    headers: list[str] = []
    address = path
    for each in operation.get("parameters", []):
        if each["name"] == FIELDS:
            continue  # what is answered has the types of the whole
        own = each["name"].replace("-", "_")
        own = f"{own}_" if keyword.iskeyword(own) or hasattr(builtins, own) else own
        kind = type_of(each["schema"])
        if each["in"] == "path":
            arguments.append((0, f"{own}: {kind}"))
            address = address.replace(f"{{{each['name']}}}", f"{{self.quoted({own})}}")
        else:
            (query if each["in"] == "query" else headers).append(f"{each['name']!r}: {own}")
            default = "" if each.get("required") else " = None"
            kind = kind if each.get("required") or "None" in kind.split(" | ") else f"{kind} | None"
            arguments.append((2 if default else 1, f"{own}: {kind}{default}"))
    positional = [text for order, text in arguments if order == 0]
    named = [text for order, text in sorted(arguments, key=lambda each: each[0]) if order]
    sent = ""
    content = operation.get("requestBody", {}).get("content", {})
    if _JSON in content and len(content) == 1:
        positional.append(f"body: {type_of(content[_JSON]['schema'])}")
        sent = ", json_body=body"
    elif _FORM in content:
        positional.append(f"body: {type_of(content[_FORM]['schema'])}")
        sent = ", form=body"
    elif content:
        positional.append("body: bytes | Iterable[bytes]")
        named.append(f"content_type: str = {next(iter(content))!r}")
        sent = ", content=body, content_type=content_type"
    if method == "post":
        named.append("idempotency_key: str | None = None")
        headers.append("'Idempotency-Key': idempotency_key")
    signature = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    sent += f", query={{{', '.join(query)}}}" if query else ""
    sent += f", headers={{{', '.join(headers)}}}" if headers else ""
    answer, status = _answer(operation), next(s for s in operation["responses"] if s.startswith("2"))
    kind = "None" if status == "204" else "bytes" if answer is None else type_of(answer)
    text = _docstring(" ".join(str(operation["description"]).split("\n\n")[0].split()), 8)
    address = f'f"{address}"' if "{" in address else f'"{address}"'
    call = f'self.send("{method.upper()}", {address}{sent})'
    lines = {"None": call, "bytes": f"return {call.replace('self.send', 'self.fetch')}"}
    done = lines.get(kind, f'return cast("{kind}", {call})')
    return f"    def {name}({signature}) -> {kind}:\n        {text}\n        {done}\n"


def _docstring(text: str, indent: int) -> str:
    """The text as a docstring, wrapped."""
    width, lines, line = 108 - indent, [], '"""'
    for word in text.replace("\\", "\\\\").split():
        if len(line) + len(word) + 1 > width - 4 and line.strip():
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line not in {'"""', ""} else line + word
    lines.append(line)
    return ("\n" + " " * indent).join(lines) + ("\n" + " " * indent if len(lines) > 1 else "") + '"""'


def formatted(text: str) -> str:
    """The text as `make format` leaves it."""
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [*ruff, *words, "--stdin-filename", str(FOLDER / "made.py"), "-"],
            input=text, capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        text = done.stdout
    return text


def wanted() -> dict[str, str]:
    """The files that there should be, by name."""
    page = described()
    schemas = page["components"]["schemas"]
    made = {"models.py": models(schemas), "api.py": api(page["paths"], schemas)}
    return {name: formatted(text) for name, text in made.items()}


def main() -> None:
    """Write the files that are stale."""
    for name, text in wanted().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
