"""The API: routes over features, for people's pages and other people's programs."""

from .application import create_app

__all__ = ["create_app"]
