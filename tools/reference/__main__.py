"""`python -m tools.reference`: writes every page anew, and says which changed."""

from __future__ import annotations

from tools.reference import ROOT, pages

for name, text in pages().items():
    file = ROOT / name
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(f"{name} is written anew")
