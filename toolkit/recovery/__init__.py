"""Cost of recovery: what pursuing debts costs and brings, what is worth pursuing, and when to stop."""
