"""Settings: one typed tree, from YAML files and variables, each value with the place it came from."""

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
