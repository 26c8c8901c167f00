"""Call quality beyond the single score: standing and disputes, samples, agreement of evaluators, coaching."""
