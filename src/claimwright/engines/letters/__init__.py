"""Letters as PDF."""

from .exhibits import ExhibitFile
from .packet import render_packet

__all__ = ["ExhibitFile", "render_packet"]
