"""Pages of PDFs and pictures as grey dots."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_POINTS = 72
# Wider or higher than a page at 400 dots an inch: a picture of a camera is made smaller.
_MOST_DOTS = 4_400


def page_picture(content: bytes, number: int, *, dots_per_inch: int) -> Image.Image:
    """A page (from 1) of a PDF or a picture, in grey, as it stands in the file."""
    if content.startswith(b"%PDF-"):
        import pypdfium2

        document = pypdfium2.PdfDocument(content)
        try:
            page: Image.Image = (
                document[number - 1].render(scale=dots_per_inch / _POINTS, grayscale=True).to_pil()
            )
            return page
        finally:
            document.close()
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content)) as picture:
        picture.seek(number - 1)
        made = ImageOps.exif_transpose(picture).convert("L")
    if max(made.size) > _MOST_DOTS:
        made.thumbnail((_MOST_DOTS, _MOST_DOTS))
    return made
