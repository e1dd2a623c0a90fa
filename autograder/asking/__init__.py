"""Questions put to a learner's names, and plain answers: what the sandbox shares with the judge."""
