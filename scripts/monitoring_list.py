"""The one list of alert rules for Prometheus: rules, their unit tests and runbook pages are written from it.

Each rule has the series of its test: what a fault looks like, when it must fire, and a time at which it must
not. Names of metrics are those of `claimwright.platform.observability.samples` and `metrics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """An alert of operations.

    `series` are input series of promtool's unit tests, a sample a minute; `quiet_at` and `fires_at` are
    minutes; `labels` those of the alert beside its severity. `means` and `steps` are its page of the runbook.
    """

    name: str
    severity: Literal["critical", "warning"]
    expr: str
    wait: str
    summary: str
    means: str
    steps: tuple[str, ...]
    series: tuple[tuple[str, str], ...]
    quiet_at: int
    fires_at: int
    labels: tuple[tuple[str, str], ...] = ()


INSTANCE = 'job="claimwright", instance="one:8443"'
JOB = (("instance", "one:8443"), ("job", "claimwright"))

RULES: tuple[Rule, ...] = (
    Rule(
        "ClaimwrightDown", "critical", 'up{job="claimwright"} == 0', "1m",
        "Claimwright does not answer",
        "Prometheus cannot read the metrics of the API: the process is gone, hangs, or refuses the token.",
        (
            "`curl http://127.0.0.1:8443/health/live` on the machine. An answer means that the token or "
            "the network is at fault: check `telemetry.metrics_token` and the scrape configuration.",
            "Otherwise look at the messages of `claimwright serve`: it says why it restarts parts.",
            "Start it again. Claims are safe: what was not committed is processed again.",
        ),
        ((f"up{{{INSTANCE}}}", "1 1 1 0x20"),), 3, 5, JOB,
    ),
    Rule(
        "ClaimwrightDatabaseLost", "critical", "claimwright_database_up == 0", "1m",
        "The database does not answer",
        "The API runs, but the database did not answer in two seconds: it is down, full, or unreachable.",
        (
            "`claimwright db status`, or the tools of your own server. `claimwright db start` starts the "
            "embedded one.",
            "Check the disk: a full one stops PostgreSQL.",
            "Nothing is lost. Work continues by itself when the database is back.",
        ),
        ((f"claimwright_database_up{{{INSTANCE}}}", "1 1 1 0x20"),), 3, 5, JOB,
    ),
    Rule(
        "ClaimwrightProcessingStopped", "critical",
        '(sum(claimwright_queue_depth{queue="staged"}) > 0) and '
        "(sum(increase(claims_processed_total[2m])) + sum(increase(claims_unprocessable_total[2m])) == 0)",
        "5m",
        "Claims wait, and none is processed",
        "Claims have been staged for more than five minutes while no claim was processed.",
        (
            "`claimwright runs` and `claimwright runs show`: is there a run, and has a chunk a worker?",
            "Is the pipeline running? `claimwright serve` has it; otherwise `claimwright run --watch`. Where "
            "runs are started by a schedule, silence this alert outside of it.",
            "A breaker that is open stops work on purpose: `claimwright health`.",
            "A chunk that fails again and again: `claimwright runs give-up`.",
        ),
        (
            (f'claimwright_queue_depth{{queue="staged", {INSTANCE}}}', "50x40"),
            (f'claims_processed_total{{route="production", {INSTANCE}}}', "0+10x9 90x40"),
            (f'claims_unprocessable_total{{{INSTANCE}}}', "0x40"),
        ),
        9, 20,
    ),
    Rule(
        "ClaimwrightErrorRate", "critical",
        "sum(increase(claims_unprocessable_total[15m])) > 5 and "
        "sum(increase(claims_unprocessable_total[15m])) / (sum(increase(claims_processed_total[15m])) + "
        "sum(increase(claims_unprocessable_total[15m]))) > 0.05",
        "5m",
        "More than 5 % of claims can't be processed",
        "Of the claims of the last 15 minutes, more than one in twenty became a dead letter.",
        (
            "`claimwright dead-letters` lists reasons. One reason for many claims is one cause: a key, a "
            "file of a new source, a release.",
            "Correct the cause, then `claimwright dead-letters retry`.",
            "Nothing is lost: a dead letter keeps its claim.",
        ),
        (
            (f'claims_processed_total{{route="production", {INSTANCE}}}', "0+90x40"),
            (f'claims_unprocessable_total{{{INSTANCE}}}', "0x10 10+10x30"),
        ),
        10, 25,
    ),
    Rule(
        "ClaimwrightPhiAccessAnomaly", "critical", "claimwright_access_alerts_open > 0", "0m",
        "Unusual access to patient data waits for a review",
        "Somebody opened patient data in an unusual way: many more records, at unusual hours, one after "
        "another, or of one family.",
        (
            "`claimwright audit alerts` says who, what kind and how much. Start within the hour: a breach "
            "has clocks of its own (45 CFR 164.404 to 164.410).",
            "`claimwright audit search` shows what was opened, and the reasons given.",
            "`claimwright user change` disables an account at once, `claimwright token revoke` a token.",
            "`claimwright audit review` closes the alert with what was found. Nobody closes one about "
            "themselves.",
        ),
        ((f"claimwright_access_alerts_open{{{INSTANCE}}}", "0 0 0 1x10"),), 2, 4, JOB,
    ),
    Rule(
        "ClaimwrightLatencyOverSla", "warning",
        "histogram_quantile(0.95, sum by (le) (rate(processing_latency_bucket[1h]))) > "
        "scalar(max(claimwright_sla_seconds))",
        "15m",
        "Claims take longer than the service level",
        "More than one in twenty claims of the last hour took longer than `telemetry.sla_hours`.",
        (
            "`claimwright runs show` names the slowest stage.",
            "Add workers: `claimwright run --workers`, also on other machines.",
            "Claims of a file that waited for something else, such as a key, are late as well: "
            "`claimwright files list`.",
        ),
        (
            (f'processing_latency_bucket{{le="3600", {INSTANCE}}}', "0+10x60 600x60"),
            (f'processing_latency_bucket{{le="86400", {INSTANCE}}}', "0+10x60 600x60"),
            (f'processing_latency_bucket{{le="172800", {INSTANCE}}}', "0+10x120"),
            (f'processing_latency_bucket{{le="+Inf", {INSTANCE}}}', "0+10x120"),
            (f"claimwright_sla_seconds{{{INSTANCE}}}", "86400x120"),
        ),
        58, 100,
    ),
    Rule(
        "ClaimwrightQueueGrowth", "warning",
        "claimwright_queue_depth > 500 and claimwright_queue_depth > 1.5 * (claimwright_queue_depth offset "
        "1h)",
        "15m",
        "A queue grows",
        "More than 500 items wait, over one and a half times as many as an hour ago.",
        (
            "`staged` and `chunks`: add workers, see *Claims take longer than the service level*.",
            "`review`: more claims go to people than they decide; look at the share of each reason.",
            "`dead_letters`: see *More than 5 % of claims can't be processed*.",
        ),
        ((f'claimwright_queue_depth{{queue="staged", {INSTANCE}}}', "600x60 600+20x60"),),
        60, 95, (*JOB, ("queue", "staged")),
    ),
    Rule(
        "ClaimwrightModelDegradation", "warning",
        '(ml_prediction_accuracy{role="champion"} < 0.8 or ml_prediction_calibration_error{role="champion"} '
        "> 0.1) and on (model, role) ml_prediction_answered_claims >= 100",
        "1h",
        "Predictions are worse than they were",
        "On at least 100 answered claims the model in use is right less often than 80 %, or its "
        "probabilities are off by more than 10 points on average.",
        (
            "`claimwright model drift` and `claimwright model report` show where: a payer, a feature.",
            "`claimwright model rollback` returns to the model before; `claimwright model train` makes a "
            "new one.",
            "Until then rules still decide; predictions only add reviews.",
        ),
        (
            (f'ml_prediction_accuracy{{model="m1", role="champion", {INSTANCE}}}', "0.93x30 0.7x120"),
            (f'ml_prediction_answered_claims{{model="m1", role="champion", {INSTANCE}}}', "400x150"),
        ),
        30, 100, (*JOB, ("model", "m1"), ("role", "champion")),
    ),
    Rule(
        "ClaimwrightDisk", "warning",
        'max by (folder, instance, job) (claimwright_disk_bytes{state="used"}) / max by (folder, instance, '
        'job) (claimwright_disk_bytes{state="total"}) > 0.8',
        "10m",
        "A disk is more than 80 % full",
        "The disk of the data or of the embedded database is nearly full. A full one stops the database.",
        (
            "`claimwright db retain` deletes what is older than the settings keep.",
            "Make the disk larger, or move `objects.url` to object storage.",
        ),
        (
            (f'claimwright_disk_bytes{{folder="home", state="used", {INSTANCE}}}', "70x10 85x30"),
            (f'claimwright_disk_bytes{{folder="home", state="total", {INSTANCE}}}', "100x40"),
        ),
        10, 25, (*JOB, ("folder", "home")),
    ),
    Rule(
        "ClaimwrightStalledJobs", "warning",
        'claimwright_jobs{state="stalled"} > 0 or claimwright_chunks_stalled > 0', "5m",
        "Jobs or chunks are stalled",
        "A job's worker has been silent for two minutes, or a chunk's lease has run out, and nobody took it "
        "over.",
        (
            "No worker is left that could take over: start `claimwright serve`, or `claimwright predictions "
            "work --watch` and `claimwright run --watch`.",
            "A worker that hangs is replaced when its process is ended. Nothing is done twice.",
        ),
        ((f'claimwright_jobs{{state="stalled", {INSTANCE}}}', "0x5 2x30"),),
        6, 15, (*JOB, ("state", "stalled")),
    ),
    Rule(
        "ClaimwrightPoolSaturated", "warning", "claimwright_pool_waiting > 0", "5m",
        "Requests wait for a connection to the database",
        "All connections of a process's pool have been in use for five minutes.",
        (
            "`claimwright_database_longest_seconds` shows whether one transaction holds everything up.",
            "Raise `database.pool_size`, within what the server allows.",
        ),
        ((f"claimwright_pool_waiting{{{INSTANCE}}}", "0x5 3x30"),), 6, 15, JOB,
    ),
    Rule(
        "ClaimwrightDeadlocks", "warning", "increase(claimwright_database_deadlocks_total[30m]) > 0", "0m",
        "The database ended a deadlock",
        "Two transactions waited for each other and one was rolled back. It was tried again.",
        (
            "Once is harmless. If it comes back, report it with the server's log, which names both.",
        ),
        ((f"claimwright_database_deadlocks_total{{{INSTANCE}}}", "0x10 1x30"),), 9, 15, JOB,
    ),
    Rule(
        "ClaimwrightSlowQueries", "warning",
        "sum by (instance, job) (increase(claimwright_database_slow_statements_total[15m])) > 50", "15m",
        "Many statements of the database are slow",
        "More than 50 statements in 15 minutes took longer than `telemetry.slow_query_seconds`.",
        (
            "`claimwright_database_longest_seconds`, load and disk of the server: is something else at work?",
            "After a large intake, `vacuum analyze` on your own server; the embedded one does so by itself.",
        ),
        ((f"claimwright_database_slow_statements_total{{{INSTANCE}}}", "0x10 0+10x60"),), 12, 50, JOB,
    ),
    Rule(
        "ClaimwrightAlertsNotDelivered", "warning", 'claimwright_alert_messages{state="given_up"} > 0', "5m",
        "Alerts on figures were not delivered",
        "A message about an alert on a figure was given up after its attempts.",
        (
            "`claimwright alerts deliveries --failing` shows the last error of each.",
            "`claimwright alerts test TARGET`, correct the target, `claimwright alerts retry MESSAGE`.",
        ),
        ((f'claimwright_alert_messages{{state="given_up", {INSTANCE}}}', "0x5 1x30"),),
        6, 15, (*JOB, ("state", "given_up")),
    ),
)  # fmt: skip
