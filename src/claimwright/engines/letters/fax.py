"""A PDF as pages for a fax: TIFF class F, black and white, 204 by 196 dots an inch, Group 4 (RFC 3949,
profile F of ITU-T T.30 in fine resolution; T.6 compression).
"""

from __future__ import annotations

import io

# A letter page: 8.5 by 11 inches. A fax machine of width A4 takes 1728 dots a line (ITU-T T.4).
WIDTH, ACROSS, DOWN = 1_728, 204, 196
_HEIGHT = 11 * DOWN
_POINTS = 72
# Darker than this is black. The yellow of a mark becomes white; its outline stays.
_BLACK = 150
# What a fax of this many pages costs in time, a portal does better; machines cut long ones off.
MOST_PAGES = 200


def fax_pages(pdf: bytes) -> bytes:
    """The pages of a PDF as one TIFF. The same PDF gives the same bytes.

    Raises:
        ValueError: it has more than `MOST_PAGES` pages.
    """
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument(pdf)
    try:
        if len(document) > MOST_PAGES:
            raise ValueError(f"{len(document)} pages are too many for a fax; up to {MOST_PAGES} are sent.")
        pages = []
        for page in document:
            picture = page.render(scale=ACROSS / _POINTS, grayscale=True).to_pil()
            fitted = picture.resize((WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
            pages.append(fitted.point(lambda dot: 255 if dot > _BLACK else 0, mode="1"))
    finally:
        document.close()
    made = io.BytesIO()
    pages[0].save(
        made, "TIFF", compression="group4", save_all=True, append_images=pages[1:], dpi=(ACROSS, DOWN),
        # FillOrder: most significant bit first; readers of class F expect it stated.
        tiffinfo={266: 1},
    )  # fmt: skip
    return made.getvalue()
