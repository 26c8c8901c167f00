"""What is handed in of the cost of recovery: the run, its files, book and pages."""
