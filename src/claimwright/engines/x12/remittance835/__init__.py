"""The 835: reads payments, claims, lines, adjustments, remark codes and references into columns."""
