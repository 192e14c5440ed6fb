"""The API: routes over features, for web pages and other programs."""

from .application import create_app

__all__ = ["create_app"]
