"""Spans that go to a collector over OTLP/HTTP: what arrives, what never does, and what its absence costs."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.features.pipeline.bench_of_claims import AS_OF, called, environment_of, sample
from tests.features.pipeline.conftest import Staging, checker, staged, undisturbed, waiting
from tests.platform.collector import Collector, attributes, collecting

from claimwright.platform.settings import in_force, load_settings

# Fixtures of the pipeline's tests.
__all__ = ["checker", "staged", "undisturbed", "waiting"]

# A process can be given one provider only, and what it sends last it sends at its end.
_BEGINNING = """
import sys
from claimwright.platform.observability import configure_logs, configure_spans, scope, span
from claimwright.platform.settings import load_settings
settings = load_settings()
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def ended(script: str, folder: Path, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {
        "CLAIMWRIGHT_HOME": str(folder),
        "CLAIMWRIGHT_SETTINGS": str(folder),
        "CLAIMWRIGHT_TELEMETRY_TRACES": "otlp",
        "CLAIMWRIGHT_TELEMETRY_OTLP_URL": url,
        **more,
    }
    return subprocess.run(
        [sys.executable, "-c", _BEGINNING + script],
        env=variables, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_spans_arrive_with_their_ids_when_the_process_ends(collector: Collector, tmp_path: Path) -> None:
    script = (
        "configure_spans(settings)\n"
        "with scope(tenant='north', run_id=7), span('pipeline.chunk', chunk=3):\n"
        "    with span('pipeline.check', claims=40): pass\n"
    )
    done = ended(script, tmp_path, collector.url, CLAIMWRIGHT_TELEMETRY_OTLP_HEADERS="x-key=one, x-tier=two")
    assert (done.returncode, done.stderr) == (0, "")
    inner, outer = collector.spans
    assert (inner.name, attributes(inner)) == (
        "pipeline.check",
        {"tenant": "north", "run_id": 7, "claims": 40},
    )
    assert (outer.name, attributes(outer)) == ("pipeline.chunk", {"tenant": "north", "run_id": 7, "chunk": 3})
    assert (inner.parent_span_id, inner.trace_id) == (outer.span_id, outer.trace_id)
    assert outer.start_time_unix_nano <= inner.start_time_unix_nano < outer.end_time_unix_nano
    resource = collector.got[0].resource_spans[0].resource
    assert {each.key: each.value.string_value for each in resource.attributes}[
        "service.name"
    ] == "claimwright"
    assert {name: collector.headers[0][name] for name in ("x-key", "x-tier")} == {
        "x-key": "one",
        "x-tier": "two",
    }


def test_neither_what_is_not_listed_nor_a_message_nor_a_librarys_span_is_sent(
    collector: Collector, tmp_path: Path
) -> None:
    script = (
        "configure_spans(settings)\n"
        "from opentelemetry import trace\n"
        "with span('price', patient_last_name='RIVERA', payer_id='123-45-6789', chunk=1):\n"
        "    other = trace.get_tracer('a.library')\n"
        "    with other.start_as_current_span('RIVERA', attributes={'row': 'RIVERA'}):\n"
        "        pass\n"
        "try:\n"
        "    with span('route'): raise ValueError('RIVERA')\n"
        "except ValueError: pass\n"
    )
    done = ended(script, tmp_path, collector.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert [(each.name, attributes(each)) for each in collector.spans] == [
        ("price", {"chunk": 1}),
        ("route", {}),
    ]
    assert collector.spans[1].status.message == "ValueError"
    assert not any(b"RIVERA" in body or b"123-45" in body for body in collector.bodies)


# More spans than the queue and several batches hold.
_MANY_SPANS = """
for _ in range(5000):
    with span('pipeline.chunk'): pass
"""
# The limits of a sender whose times are these, in seconds; set before spans are configured.
_LIMITS = """
from claimwright.platform.observability import span_export
span_export._BATCH_SECONDS, span_export._REST_SECONDS = {batch}, {rest}
"""


@pytest.mark.parametrize("how", ["closed", "silent"])
def test_a_collector_that_is_away_costs_one_warning_and_one_try_of_a_few_seconds(
    how: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}/v1/traces?key=hidden"
        if how == "closed":
            door.close()
        # However slow the machine, it is one rest long, within which nothing is tried again.
        script = _LIMITS.format(batch="span_export._BATCH_SECONDS", rest=3_600)
        done = ended(script + "configure_spans(settings)\n" + _MANY_SPANS, tmp_path, url)
        tries = connections_to(door) if how == "silent" else 1
    assert done.returncode == 0
    host = url.split("/")[2]
    assert done.stderr == (
        f"spans can't be sent to {host}: no answer, or a refusal. The work continues without them.\n"
    )
    assert tries == 1


def connections_to(door: socket.socket) -> int:
    """How many were made that nobody has accepted yet."""
    door.setblocking(False)
    made = 0
    with suppress(BlockingIOError):
        while True:
            door.accept()[0].close()
            made += 1
    return made


def test_the_work_waits_for_no_collector(tmp_path: Path) -> None:
    # A collector that takes an hour to answer: work that waited for it would not end.
    asked = tmp_path / "asked"
    script = (
        f"{_LIMITS.format(batch=3_600, rest=3_600)}configure_spans(settings)\n{_MANY_SPANS}"
        "import os, time\n"
        "from pathlib import Path\n"
        f"while not Path({str(asked)!r}).exists(): time.sleep(0.01)\n"
        f"{_MANY_SPANS}"
        "print('done', flush=True)\n"
        # Its end would wait for what is still to be sent.
        "os._exit(0)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(240)

        def note() -> None:
            held.append(door.accept()[0])
            asked.touch()

        held: list[socket.socket] = []
        noting = threading.Thread(target=note)
        noting.start()
        done = ended(script, tmp_path, f"http://127.0.0.1:{door.getsockname()[1]}")
        noting.join()
        held[0].close()
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_who_logs_is_told_in_a_log_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
    done = ended(
        "configure_logs(settings)\nconfigure_spans(settings)\nwith span('price'): pass\n", tmp_path, url
    )
    [line] = done.stderr.splitlines()
    assert '"event": "spans can\'t be sent"' in line
    assert '"level": "warning"' in line


def test_a_certificate_that_is_not_there_fails_nothing(collector: Collector, tmp_path: Path) -> None:
    url = collector.url.replace("http://127.0.0.1", "https://127.0.0.1")
    done = ended(
        "configure_spans(settings)\nwith span('price'): pass\n", tmp_path, url,
        OTEL_EXPORTER_OTLP_CERTIFICATE="/no/such/file",
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr.count("spans can't be sent") == 1
    assert len(done.stderr.splitlines()) == 1


def test_headers_are_never_shown(tmp_path: Path) -> None:
    settings = load_settings(
        folder=tmp_path,
        variables={
            "HOME": str(tmp_path),
            "CLAIMWRIGHT_TELEMETRY_OTLP_HEADERS": "x-key=hidden",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=hidden",
        },
    )
    shown = in_force(settings)
    assert {each.value for each in shown if each.name == "telemetry.otlp_headers"} == {"(secret)"}
    assert not any("hidden" in f"{each.value} {each.origin}" for each in shown)
    assert "hidden" not in repr(settings)


@pytest.mark.slow
def test_the_spans_of_a_run_by_two_workers_arrive_and_hold_nothing_of_its_claims(
    waiting: Staging, collector: Collector, tmp_path: Path
) -> None:
    environment = environment_of(
        waiting.store, waiting.folder,
        CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS="40", CLAIMWRIGHT_TELEMETRY_TRACES="otlp",
        CLAIMWRIGHT_TELEMETRY_OTLP_URL=collector.url,
    )  # fmt: skip
    done = called(["run", "--workers", "2", "--as-of", str(AS_OF), "--quiet"], environment)
    assert (done.returncode, done.stderr) == (0, "")
    chunks = [attributes(each) for each in collector.spans if each.name == "pipeline.chunk"]
    assert sorted(str(each["chunk"]) for each in chunks) == ["1", "2", "3", "4"]
    assert {each["tenant"] for each in chunks} == {"default"}
    # Names, numbers and addresses of everybody in the file, and the claims' own numbers.
    said = sample(tmp_path, 160).decode()
    planted = set(re.findall(r"NM1\*(?:IL|QC)\*1\*([^*~]+)\*([^*~]+)", said))
    words = {word for pair in planted for word in pair}
    words |= set(re.findall(r"NM1\*IL\*[^~]*\*MI\*([^*~]+)", said)) | set(re.findall(r"CLM\*([^*~]+)", said))
    words |= set(re.findall(r"N3\*([^*~]+)", said)) | set(re.findall(r"DMG\*D8\*(\d{8})", said))
    words = {word for word in words if len(word) > 4}
    assert len(words) > 160
    sent = b"".join(collector.bodies)
    assert [word for word in words if word.encode() in sent] == []
