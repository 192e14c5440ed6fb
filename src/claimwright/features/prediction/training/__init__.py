"""Training: histories of answered claims to models, compared and reported."""
