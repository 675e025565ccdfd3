"""The screen of a run. It shows one immutable state and gives back asks; it holds cursor and focus, nothing else."""
