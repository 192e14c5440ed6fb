"""The 837: blocks of segments to a `ClaimBatch`, and a `ClaimBatch` to segments."""
