"""Builds the real thing: clocks, places, services, guards, demos. The only reader of clock and environment."""
