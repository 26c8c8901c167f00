"""The rules of calling: hours, days, caps, gaps and quiet periods; calls, messages and visits held against them."""
