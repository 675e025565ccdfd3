"""The report as a page of sections, tables and charts, before it is rendered as anything."""

from pags_tui.report.document.blocks import Block as Block
from pags_tui.report.document.blocks import Document as Document
from pags_tui.report.document.writing import document as document
