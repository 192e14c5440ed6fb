"""The 837: reads blocks of segments into a `ClaimBatch`, and writes a `ClaimBatch` as segments."""
