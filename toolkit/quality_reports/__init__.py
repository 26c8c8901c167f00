"""What is handed in of call quality: the scored calls, the draws, the agreement of evaluators, the coaching."""
