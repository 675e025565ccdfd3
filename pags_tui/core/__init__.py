"""What the war room is about, as pure values and functions: no clock, no file, no network, no screen."""
