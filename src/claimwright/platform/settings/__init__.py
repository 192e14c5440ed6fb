"""Settings: one typed tree, from YAML files and environment variables, each value with its source."""

from .reading import SettingsError, load_settings, settings_paths, unused_variables
from .report import Shown, in_force
from .tree import Settings

__all__ = [
    "Settings",
    "SettingsError",
    "Shown",
    "in_force",
    "load_settings",
    "settings_paths",
    "unused_variables",
]
