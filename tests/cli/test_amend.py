"""`amend`: the corrected runbook of an open run, from a shell."""

from __future__ import annotations

from pathlib import Path

from tests.live import SIX, FlagServer, begun, book_text, called, env_of, guarding, state_of


def test_a_corrected_runbook_is_shown_confirmed_and_taken(tmp_path: Path) -> None:
    """The difference first, a word before anything happens, then the run goes on with the new text; each its code."""
    db, file = tmp_path / "j" / "journal.db", tmp_path / "corrected.toml"
    with FlagServer(SIX) as flags:
        text = book_text(flags)
        run = begun(db, text)

        def amend(changed: str, *words: str) -> tuple[int, str, str]:
            file.write_text(changed)
            done = called("amend", str(file), "--db", str(db), *words)
            return done.returncode, done.stdout, done.stderr

        with guarding(db, run, env_of(flags)) as guard:
            guard.ready()
            assert amend(text)[0] == 0, "nothing to amend is no fault"
            better = text.replace("Looks good", "Looks very good")
            code, out, said = amend(better)
            assert (code, "--confirm amend" in said) == (4, True), said
            assert '+  { check = "Looks very good" },' in out.splitlines()
            assert amend(better, "--confirm", "yes")[0] == 4
            assert state_of(db, run).runbook.text == text
            assert amend(better, "--confirm", "amend")[0] == 0
            assert state_of(db, run).runbook.text == better
            code, out, said = amend(better.replace("check =", "chek ="), "--confirm", "amend")
            assert (code, out, ":" in said) == (2, "", True)
            code, _, said = amend(better.replace('target = "production"', 'target = "staging"'), "--confirm", "amend")
            assert (code, "[services]" in said) == (4, True)
            code, _, said = amend(better.replace('id = "night"', 'id = "day"'), "--confirm", "amend")
            assert (code, said.strip()) == (4, "No run of day is open: there is nothing to amend.")
            assert state_of(db, run).runbook.text == better
