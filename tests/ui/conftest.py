"""What drawing tests stand on besides the suite's own ground."""

from __future__ import annotations

import os
import tempfile

# The snapshot plugin hands its folder to xdist's workers in the environment, of which every TEXTUAL name is dropped.
os.environ.setdefault("TEXTUAL_SNAPSHOT_TEMPDIR", tempfile.mkdtemp(prefix="snapshots-"))
