"""What is handed in of the rules of calling: the run, its files, book and page."""
