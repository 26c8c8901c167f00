"""Coaching: who is due for it, what was agreed, and the sheet of an agent."""
