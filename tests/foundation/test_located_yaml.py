"""YAML with places: every fault by its line, and no document that grows beyond bounds."""

from __future__ import annotations

import datetime
import resource
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from claimwright.foundation.located_yaml import (
    DEEPEST,
    YamlError,
    checked,
    read_mapping,
    read_yaml,
    read_yaml_file,
    validated,
)

TEXT = """\
name: Acme
terms:
  from: 2025-01-31
  code: 00112
  rates:
    - {a: 1}
    - {a: 2.50}
when: |
  first
  second
"""
# Nine aliases on each of nine levels: 387 million values in 300 characters.
BOMB = "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))


def test_values_are_what_yaml_says_and_texts_are_what_is_written() -> None:
    top = read_yaml(TEXT, "f.yaml")
    assert top is not None
    assert top.value()["terms"] == {
        "from": datetime.date(2025, 1, 31), "code": 74, "rates": [{"a": 1}, {"a": 2.5}],
    }  # fmt: skip
    terms = top.members()["terms"].members()
    assert terms["code"].text() == "00112"
    assert terms["from"].day() == datetime.date(2025, 1, 31)
    assert top.as_written()["terms"]["rates"] == [{"a": "1"}, {"a": "2.50"}]


def test_every_value_knows_its_line_and_its_path() -> None:
    top = read_yaml(TEXT, "f.yaml")
    assert top is not None
    rate = top.below(["terms", "rates", 1, "a"])
    assert (rate.line, rate.path) == (7, "terms.rates[2].a")
    assert str(rate.fault("is too low", "raise it")) == "f.yaml:7: terms.rates[2].a: is too low; raise it"
    assert top.below(["when"]).first_line_of_text == 9
    assert top.below(["terms", "nothing"]).path == "terms"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[" * 50_000, 1, "nested too deeply"),
        ("{a: " * 50_000, 1, "nested too deeply"),
        ("- " * 50_000 + "x", 1, "nested too deeply"),
        ("? " * 50_000 + "x", 1, "nested too deeply"),
        ("\n".join(" " * n + "a:" for n in range(DEEPEST + 1)) + " 1", DEEPEST + 1, "nested too deeply"),
        (BOMB, 1, "once its aliases"),
        ("a: &a [*a]", 1, "nested too deeply"),
        ("a: 1\nb:\n  c: 1\n  c: 2", 4, "b.c: is given twice"),
        ("a: [{b: 1, b: 2}]", 1, r"a\[1\].b: is given twice"),
        ("? [a, b]\n: 1", 1, "a name must be plain text"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("a: [1", 1, "not YAML"),
        ("a: \x00", 1, "not YAML"),
        ("x" * 1_000_001, 1, "larger than"),
    ],
)
def test_what_is_no_document_is_refused_by_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlError, match=words) as refused:
        read_yaml(text, "f.yaml")
    assert refused.value.line == line
    assert str(refused.value).startswith(f"f.yaml:{line}: ")


def test_a_document_that_would_explode_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for text in (BOMB, "[" * 900_000):
        with pytest.raises(YamlError):
            read_yaml(text, "f.yaml")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200  # megabytes


def test_few_aliases_are_read() -> None:
    assert read_mapping("a: &a {b: 1}\nc: *a\nd: {<<: *a, e: 2}", "f.yaml") == {
        "a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: 2025-02-30", 2), ("a: 1\nb: [!!python/name:os.system x]", 2)]
)
def test_a_value_that_is_not_what_it_says_is_named(text: str, line: int) -> None:
    top = read_yaml(text, "f.yaml")
    assert top is not None
    with pytest.raises(YamlError, match="not YAML") as refused:
        top.value()
    assert refused.value.line == line


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match="cannot be read: No such file"):
        read_yaml_file(tmp_path / "f.yaml")
    (tmp_path / "f.yaml").write_bytes(b"a: \xff")
    with pytest.raises(YamlError, match="not text in UTF-8; save it as UTF-8"):
        read_yaml_file(tmp_path / "f.yaml")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    on: datetime.date
    share: float = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    inner: dict[str, Inner] = {}


def test_all_faults_of_a_model_are_named_by_their_lines_and_without_their_values() -> None:
    top = read_yaml("inner:\n  x:\n    on: soon\n    share: Smith\n  y:\n    of: 3", "f.yaml")
    assert top is not None
    found, faults = checked(top, Outer)
    assert found is None
    assert [(fault.line, fault.path, fault.what) for fault in faults] == [
        (1, "name", "is missing"),
        (3, "inner.x.on", "is not a day"),
        (4, "inner.x.share", "input should be a valid number, unable to parse string as a number"),
        (6, "inner.y.on", "is missing"),
        (6, "inner.y.of", "is not known here"),
    ]
    assert not [fault for fault in faults if "Smith" in str(fault) or "soon" in str(fault)]
    assert faults[4].do == "known are on, share"


def test_a_model_is_made_of_what_is_written() -> None:
    top = read_yaml("name: 00112\ninner: {x: {on: 2025-01-31, share: 0.5}}", "f.yaml")
    assert top is not None
    made = validated(top, Outer)
    assert made.name == "00112"
    assert made.inner["x"] == Inner(on=datetime.date(2025, 1, 31), share=0.5)
