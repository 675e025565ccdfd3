"""Ticks as the journal keeps them: one in a while whole, the others as what differs from that one.

A tick that stands alone is written as `judge.encode_judged` writes it, which every version reads. A small one names the
whole one that it leans on, and holds its samples bit for bit; what was judged is told by what differs from what could
be foreseen (a count goes on, a clock runs on, the worst series speaks). Encoding reads back what it wrote: what would
not come out the same to the last bit is written whole.
"""

from __future__ import annotations

from pags_tui.core.tape.laid import told_values as told_values
from pags_tui.core.tape.reading import Decoder as Decoder
from pags_tui.core.tape.reading import decode_rows as decode_rows
from pags_tui.core.tape.small import REACH as REACH
from pags_tui.core.tape.writing import Encoder as Encoder
