"""What follows from a run's state and the runbook: where the night stands, what is due, what is owed."""
