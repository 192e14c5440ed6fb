"""What is neither platform nor domain: columns, overlap, the clock. It imports no other floor."""
