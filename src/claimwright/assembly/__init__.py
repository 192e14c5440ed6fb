"""Assembly: settings to checker, store, sealer, predictor, worker and relay. No terminal, no HTTP."""
