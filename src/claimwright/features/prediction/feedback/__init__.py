"""Feedback: payer answers and corrections, and the guard that blocks retraining on suspicious ones."""
