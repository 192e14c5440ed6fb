"""Acknowledgements: the TA1 and the 999 that a receiver would send."""
