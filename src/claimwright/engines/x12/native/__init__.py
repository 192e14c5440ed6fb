"""The compiled inner loops of the X12 reader, available if a C compiler was available at build time."""
