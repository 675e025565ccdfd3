"""Every command on a page is run, in order, by somebody who has nothing but the program."""

from __future__ import annotations

import shutil

import pytest

from tests.docs.pages import PAGES, ROOT, blocks
from tests.docs.session import work

CLONE = "In a clone"
"""The title of blocks that install or build: they are run by `make test-install`."""
FOUND = {
    page: [block for block in blocks("sh") if block.page == page and block.title != CLONE] for page in PAGES
}  # fmt: skip
RUN = {page: found for page, found in FOUND.items() if found}


@pytest.mark.long
@pytest.mark.skipif(shutil.which("bash") is None, reason="the pages are for bash")
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_worked_through(page: object) -> None:
    """From its first block to its last, each command ends well; screens open, and are left."""
    work(RUN[page])  # type: ignore[index]
