"""The outside world, one file (or folder) a thing. None knows another; each may know the core."""
