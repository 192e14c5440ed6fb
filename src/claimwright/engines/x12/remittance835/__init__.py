"""The 835: bytes to payments, claims, lines, adjustments, remark codes and references, in columns."""
