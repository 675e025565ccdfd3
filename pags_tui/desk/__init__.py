"""Between a guard and its screens: events and ticks out, asks in. In-process, and over the guard's Unix socket."""
