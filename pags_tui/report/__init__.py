"""The night, afterwards: one run's events and ticks as a `Report`, and its renderings. Reads no file and no clock."""

from __future__ import annotations

from pags_tui.report.building import build as build
from pags_tui.report.comparing import compared as compared
from pags_tui.report.page import html as html
from pags_tui.report.published import as_json as as_json
from pags_tui.report.published import schema as schema
from pags_tui.report.shapes import Report as Report
from pags_tui.report.wiki import markdown as markdown
