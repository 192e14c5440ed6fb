"""Assembly: builds checker, store, sealer, predictor, worker and relay from settings.

No terminal, no HTTP.
"""
