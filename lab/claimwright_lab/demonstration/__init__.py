"""The demonstration practice: a year of synthetic claims and remittances, with work left to do."""

from .files import FACILITIES, Practice, make_practice
from .loading import load_practice
from .people import PASSWORD, ROLES_SHOWN
from .server import DemoServer, ServerError

__all__ = [
    "FACILITIES",
    "PASSWORD",
    "ROLES_SHOWN",
    "DemoServer",
    "Practice",
    "ServerError",
    "load_practice",
    "make_practice",
]
