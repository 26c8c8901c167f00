"""What is handed in of scorecards: the run, its files, book, pages and the daily report."""
