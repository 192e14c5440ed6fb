"""Alerts on figures: defined, evaluated, delivered, acknowledged and resolved."""

from .acting import (
    AlertSheet,
    AlertView,
    acknowledge_alert,
    alert_deliveries,
    alert_sheet,
    list_alerts,
    resolve_alert,
)
from .definitions import (
    AlertDefinitionError,
    DefinedAlert,
    NoSuchAlertError,
    definition_named,
    definition_of,
    definition_versions,
    list_definitions,
    read_definition,
    remove_definition,
    set_definition,
)
from .delivering import Delivered, Retries, deliver_due, retry_message, send_test
from .evaluating import Evaluated, advance_alerts, evaluate_alerts
from .messages import figure_text, group_text
from .senders import Sender, SendError
from .targets import (
    AlertTarget,
    AlertTargetError,
    NoSuchTargetError,
    TargetView,
    list_alert_targets,
    remove_alert_target,
    set_target,
)

__all__ = [
    "AlertDefinitionError",
    "AlertSheet",
    "AlertTarget",
    "AlertTargetError",
    "AlertView",
    "DefinedAlert",
    "Delivered",
    "Evaluated",
    "NoSuchAlertError",
    "NoSuchTargetError",
    "Retries",
    "SendError",
    "Sender",
    "TargetView",
    "acknowledge_alert",
    "advance_alerts",
    "alert_deliveries",
    "alert_sheet",
    "definition_named",
    "definition_of",
    "definition_versions",
    "deliver_due",
    "evaluate_alerts",
    "figure_text",
    "group_text",
    "list_alert_targets",
    "list_alerts",
    "list_definitions",
    "read_definition",
    "remove_alert_target",
    "remove_definition",
    "resolve_alert",
    "retry_message",
    "send_test",
    "set_definition",
    "set_target",
]
