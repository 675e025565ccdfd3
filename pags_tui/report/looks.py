"""How the HTML page looks: on paper, on a light and a dark screen. Nothing is fetched; fonts are the reader's own."""

from __future__ import annotations

STYLE = """:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1a1c1f; --soft: #5b6068; --line: #d5d9df; --band: #f4f6f8; --link: #0b57d0;
  --good: #17703b; --bad: #b3261e; --odd: #8a5a00;
  --s0: #0b57d0; --s1: #b3261e; --s2: #17703b; --s3: #8a3ab9; --s4: #8a5a00; --s5: #00707a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --ink: #e6e8eb; --soft: #a2a8b1; --line: #3a3f47; --band: #1e2125; --link: #8ab4f8;
    --good: #6fd08c; --bad: #ff8a80; --odd: #f2c14e;
    --s0: #8ab4f8; --s1: #ff8a80; --s2: #6fd08c; --s3: #d7aefb; --s4: #f2c14e; --s5: #78d9e3;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
header p { color: var(--soft); margin: .25rem 0 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: 0; padding: 0; }
a { color: var(--link); }
.loud { font-size: 1.15rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--soft); padding: .25rem 0; }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; max-width: 28rem; }
thead th { background: var(--band); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 500; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.odd { color: var(--odd); font-weight: 600; }
pre { background: var(--band); border: 1px solid var(--line); padding: .75rem; overflow-x: auto; font-size: .8125rem; }
figure { margin: 0 0 .5rem; }
figcaption { color: var(--soft); font-size: .875rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.axis { stroke: var(--line); } .bound { stroke: var(--bad); stroke-dasharray: 6 4; }
.mark { stroke: var(--soft); stroke-dasharray: 2 3; } .mark.flag, .mark.t0 { stroke: var(--link); }
.mark.rollback, .mark.trigger { stroke: var(--bad); } .mark.hold, .mark.resume { stroke: var(--odd); }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .span { stroke: none; opacity: .18; }
.c0 { stroke: var(--s0); } .c1 { stroke: var(--s1); stroke-dasharray: 7 3; }
.c2 { stroke: var(--s2); stroke-dasharray: 3 2; }
.c3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; } .c4 { stroke: var(--s4); stroke-dasharray: 1 2; }
.c5 { stroke: var(--s5); stroke-dasharray: 12 4; }
.f0 { fill: var(--s0); } .f1 { fill: var(--s1); } .f2 { fill: var(--s2); } .f3 { fill: var(--s3); }
.f4 { fill: var(--s4); } .f5 { fill: var(--s5); }
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --band: #f2f2f2; --link: #000;
    --good: #000; --bad: #000; --odd: #000;
    --s0: #000; --s1: #555; --s2: #222; --s3: #777; --s4: #333; --s5: #666; }
  @page { size: A4 landscape; margin: 12mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  .wide, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  h2, h3 { break-after: avoid; }
  tr, figure { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""
