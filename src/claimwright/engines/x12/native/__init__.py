"""The compiled inner loops of the X12 reader, where a C compiler was there to build them."""
