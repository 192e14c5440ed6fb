"""Letters as PDF, Word document, fax pages, and many of them to print."""

from .batch import PrintedLetter, print_batch
from .exhibits import ExhibitFile
from .fax import fax_pages
from .packet import addressee, render_packet, render_word

__all__ = [
    "ExhibitFile",
    "PrintedLetter",
    "addressee",
    "fax_pages",
    "print_batch",
    "render_packet",
    "render_word",
]
