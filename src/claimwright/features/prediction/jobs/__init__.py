"""Prediction jobs: submitted, worked and fetched by tracking id."""
