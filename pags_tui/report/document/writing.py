"""The report as a page: which parts it has, in which order, and what stands in their tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from pags_tui.report import words
from pags_tui.report.document.blocks import (
    Block,
    Chart,
    Code,
    Document,
    Facts,
    Heading,
    Items,
    Section,
    Table,
    Words,
)
from pags_tui.report.document.steps import endings, planned_actual, signatures
from pags_tui.report.shapes import Comparison, Difference, Report
from pags_tui.report.words import Times, evidence, flag, long, off, short

Maker = Callable[[Report, Times], Iterator[Block]]


def document(report: Report) -> Document:
    """The page of a report."""
    summary, times = report.summary, Times(report.summary.timezone)
    sections = (Section(name, title, tuple(make(report, times)) or (Words("None."),)) for name, title, make in PARTS)
    about = f"{summary.run}, a {summary.kind} run against {summary.target}"
    shown = tuple(part for part in sections if part.id != "against" or report.against)
    return Document(f"{summary.title}: report", about, shown)


def _summary(report: Report, times: Times) -> Iterator[Block]:
    one = report.summary
    counts = one.counts
    yield Words(one.verdict, loud=True)
    if one.note:
        yield Words(f"Closing note: {one.note}")
    kept = (
        ("passed", counts.passed), ("failed", counts.failed), ("skipped", counts.skipped),
        ("n/a", counts.not_applicable), ("waived", counts.waived), ("deferred", counts.deferred),
        ("open", counts.open), ("not in this run", counts.not_in_this_run),
    )  # fmt: skip
    moved = f" (first set to {times.full(one.t0_planned)})" if one.t0_planned != one.t0 else ""
    yield Facts((
        ("State", one.state),
        ("Target", one.target),
        ("Lead", one.lead),
        *((person.role, person.name or "nobody was named") for person in one.people),
        ("Started", times.full(one.started)),
        ("T+0", times.full(one.t0) + moved),
        ("Closed", times.full(one.ended)),
        ("Told until", times.full(one.until)),
        ("Lasted", f"{long(one.lasted)}, planned {long(one.planned)}"),
        ("T held", long(one.held)),
        ("Drift of the last phase begun", off(one.drift)),
        ("Steps", ", ".join(f"{count} {name}" for name, count in kept if count) or "none"),
        ("Out of plan", _counted(report)),
        ("Recorded by", f"pags-tui {one.version}, runbook sha256 {one.sha256[:12]}"),
    ))  # fmt: skip


def _decisions(report: Report, times: Times) -> Iterator[Block]:
    if not report.decisions:
        return
    rows = tuple(
        (
            times.when(one.when), one.by, one.kind, one.text, one.reason or words.NONE,
            f"{times.clock(one.ended.at)}, {one.ended_by}" if one.ended else one.ended_by or words.NONE,
            evidence(one.evidence),
        )
        for one in report.decisions
    )  # fmt: skip
    yield Table("Every decision", ("When", "Who", "Kind", "What", "Reason", "Ended", "Evidence"), rows)


def _triggers(report: Report, times: Times) -> Iterator[Block]:
    if not report.triggers:
        return
    rows = tuple(
        (one.id, one.title, "; ".join(one.conditions), str(one.fired), str(one.would_have_fired))
        for one in report.triggers
    )
    yield Table("Triggers", ("Trigger", "Title", "Condition", "Fired", "Would have fired"), rows)
    for one in report.triggers:
        if any(moment.what != "inactive" for moment in one.moments):
            yield Heading(f"What became of {one.id}")
            moments = tuple((times.when(m.when), m.what, m.shown or words.NONE, m.reason) for m in one.moments)
            yield Table(f"What became of {one.id}", ("When", "What", "Value", "Why"), moments)


def _changes(report: Report, times: Times) -> Iterator[Block]:
    if report.drift:
        yield _drift(report, times)
    if not report.changes:
        return
    rows = tuple(
        (
            str(one.number), times.when(one.asked), f"{one.flag} ({one.env})" if one.env else one.flag,
            f"{flag(one.before)} → {flag(one.value)}", one.purpose, one.by,
            f"{one.result}, {one.settled}" if one.settled else one.result,
            f"{times.clock(one.answered.at)} after {short(one.took)}" if one.answered else "never",
            "; ".join(filter(None, (one.reason, one.detail))) or words.NONE,
        )
        for one in report.changes
    )  # fmt: skip
    columns = ("Change", "Asked", "Flag", "Before → after", "Purpose", "By", "Result", "Answered", "Detail")
    yield Table("Every flag write", columns, rows)


def _drift(report: Report, times: Times) -> Table:
    rows = tuple(
        (
            times.when(one.when), one.flag, f"{flag(one.expected)} → {flag(one.found)}",
            f"{one.how} {times.when(one.ended)}" if one.ended else "it stands", one.by or words.NONE,
            one.reason or words.NONE,
        )
        for one in report.drift
    )  # fmt: skip
    columns = ("Found", "Flag", "Ours → theirs", "What became of it", "By", "Reason")
    return Table("Changed by somebody else", columns, rows)


def _counted(report: Report) -> str:
    """How much was out of plan: `1 override, 2 holds, 1 veto`."""
    kinds = Counter(decision.kind for decision in report.decisions)
    found = (
        (kinds["override"], "override", "overrides"), (kinds["hold"], "hold", "holds"),
        (kinds["recycle"], "recycle", "recycles"), (kinds["veto"], "veto", "vetoes"), (kinds["mute"], "mute", "mutes"),
        (sum(trigger.fired for trigger in report.triggers), "trigger fired", "triggers fired"),
        (len(report.rollbacks), "rollback", "rollbacks"),
        (len(report.drift), "flag changed by somebody else", "flags changed by somebody else"),
        (len(report.issues), "issue", "issues"),
    )  # fmt: skip
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in found if count) or "nothing"


def _rollbacks(report: Report, times: Times) -> Iterator[Block]:
    for one in report.rollbacks:
        yield Heading(f"Rollback {one.number}: {one.title}")
        ended = f"finished {times.when(one.finished)}, after {short(one.took)}" if one.finished else "NOT finished"
        cause = f" because of {one.cause}" if one.cause else ""
        said = f"Confirmed {times.when(one.confirmed)} by {one.by}{cause}; {ended}."
        yield Words(f"{said} {one.verified} of {one.of} flags verified.")
        rows = tuple((f.flag, flag(f.before), flag(f.value), f.result, str(f.tries), short(f.took)) for f in one.flags)
        columns = ("Flag", "Before", "After", "Result", "Tries", "Took")
        yield Table(f"Flags of rollback {one.number}", columns, rows)
        if by_hand := [f.curl for f in one.flags if f.curl]:
            yield Code("by hand", "\n".join(by_hand))


def _metrics(report: Report, times: Times) -> Iterator[Block]:
    start = report.summary.started
    t0 = (report.summary.t0 - start).total_seconds() if report.summary.t0 else None
    for one in report.metrics:
        yield Heading(one.title)
        bounds = "; ".join(f"{line.what} {line.shown}" for line in one.thresholds)
        yield Words(f"{one.id}, in {one.unit}." + (f" Bounds: {bounds}." if bounds else ""))
        if not one.courses:
            yield Words("It was never read.")
            continue
        yield Chart(one, report.marks, report.summary.lasted, t0)
        yield _courses(one.title, report, one.id)
    if report.metrics and report.marks:
        yield Heading("Marks of the charts")
        lines = enumerate(report.marks, 1)
        rows = tuple((str(number), times.when(mark.when), mark.kind, mark.text) for number, mark in lines)
        yield Table("Marks of the charts", ("Mark", "When", "Kind", "What"), rows)


def _courses(title: str, report: Report, metric: str) -> Table:
    from pags_tui.core.units import Unit, show

    one = next(line for line in report.metrics if line.id == metric)
    unit = Unit(one.unit)

    def shown(value: float | str | None) -> str:
        return value if isinstance(value, str) else show(value, unit)

    rows = tuple(
        (
            ", ".join(f"{name}={value}" for name, value in course.labels.items()) or "(no labels)",
            shown(course.lowest), shown(course.highest), shown(course.last), str(course.readings), str(course.missing),
        )
        for course in one.courses
    )  # fmt: skip
    return Table(f"Series of {title}", ("Series", "Lowest", "Highest", "Last", "Readings", "Missing"), rows)


def _messages(report: Report, times: Times) -> Iterator[Block]:
    if report.messages:
        rows = tuple(
            (str(m.number), times.when(m.when), m.title, m.channel or words.NONE, m.by or words.NONE, m.result,
             m.text or words.NONE, "; ".join(filter(None, (m.cause, m.detail))) or words.NONE)
            for m in report.messages
        )  # fmt: skip
        columns = ("Message", "When", "Title", "To", "By", "Result", "Text", "Detail")
        yield Table("Messages to people", columns, rows)
    if report.notices:
        lines = tuple((times.when(n.when), n.to, n.text, n.failed or "sent") for n in report.notices)
        yield Table("Lines that went out by themselves", ("When", "To", "Text", "Result"), lines)


def _talk(report: Report, times: Times) -> Iterator[Block]:
    if report.issues:
        rows = tuple(
            (str(i.number), i.severity, i.text, times.when(i.opened), i.by,
             f"{times.when(i.closed)} {i.closing}".strip() if i.closed else "still open")
            for i in report.issues
        )  # fmt: skip
        yield Table("Issues", ("Issue", "Severity", "Text", "Opened", "By", "Closed"), rows)
    if report.notes:
        lines = tuple(
            (times.when(n.when), n.by, n.step or words.NONE, n.text, times.clock(n.happened)) for n in report.notes
        )
        yield Table("Notes", ("Written", "By", "About", "Text", "Happened"), lines)
    for poll in report.polls:
        yield Heading(f"Poll {poll.number}: {poll.question}")
        answers = [f"{a.role}: {a.answer} ({a.by}{', said aloud' if a.voiced else ''})" for a in poll.answers]
        yield Items((*answers, *(f"{role}: no answer" for role in poll.missing)))


def _gaps(report: Report, times: Times) -> Iterator[Block]:
    one = report.watched
    damaged = f" {one.unreadable} stored ticks are damaged and left out." if one.unreadable else ""
    yield Words(f"{one.ticks} ticks were taken; {one.failed} of them had no answer at all.{damaged}")
    if one.gaps:
        rows = tuple(
            (gap.what, times.when(gap.began), times.clock(gap.ended) if gap.ended else "not by the end",
             long(gap.seconds), gap.reason)
            for gap in one.gaps
        )  # fmt: skip
        yield Table("Times in which something was not seen", ("What", "Began", "Ended", "Lasted", "Why"), rows)


def _durations(report: Report, times: Times) -> Iterator[Block]:
    rows = tuple((d.id, d.text, long(d.planned), long(d.actual)) for d in report.durations)
    if rows:
        yield Words("On wall time; of phases without the time in which T was held.")
        yield Table("Durations", ("Id", "What", "Planned", "Actual"), rows)


def _proposal(report: Report, times: Times) -> Iterator[Block]:
    for amendment in report.amendments:
        yield Heading(f"Amended {times.when(amendment.when)} by {amendment.by}")
        yield Code("diff", amendment.diff or "the text is the same")
    if report.proposal.changes:
        yield Heading("Proposed for the next time")
        yield Items(tuple(f"{f'line {c.line}: ' if c.line else ''}{c.why}" for c in report.proposal.changes))
        yield Code("diff", report.proposal.diff)


def _against(report: Report, times: Times) -> Iterator[Block]:
    found = report.against
    if found is None:
        return
    same = "the same runbook" if found.same_runbook else "another text of the runbook"
    yield Words(f"Against {found.run}, a {found.kind} run of {times.full(found.started)}, by {same}.")
    yield from _compared(found)


def _compared(found: Comparison) -> Iterator[Block]:
    parts = (("Totals", found.totals), ("How long phases took", found.phases), ("How late phases began", found.drifts))
    for caption, rows in parts:
        yield Table(caption, ("What", "Planned", "This run", "The other", "Difference"), tuple(map(_compare, rows)))
    if found.outcomes:
        lines = tuple((row.text, row.this, row.other) for row in found.outcomes)
        yield Table("Steps that came out differently", ("Step", "This run", "The other"), lines)


def _compare(row: Difference) -> tuple[str, ...]:
    return row.text, long(row.planned), row.this, row.other, off(row.delta) if row.delta else words.NONE


PARTS: tuple[tuple[str, str, Maker], ...] = (
    ("summary", "Summary", _summary),
    ("planned", "Planned against actual", planned_actual),
    ("sign-offs", "Sign-offs", signatures),
    ("decisions", "Decisions", _decisions),
    ("triggers", "Triggers", _triggers),
    ("flags", "Flag changes", _changes),
    ("rollbacks", "Rollbacks", _rollbacks),
    ("metrics", "Metrics", _metrics),
    ("messages", "Messages", _messages),
    ("issues", "Issues, notes, polls", _talk),
    ("endings", "Success criteria and follow-ups", endings),
    ("gaps", "What was not seen", _gaps),
    ("durations", "Durations for the next rehearsal", _durations),
    ("proposal", "Amendments and proposals for the runbook", _proposal),
    ("against", "Compared with another run", _against),
)
"""Every part: its anchor, its heading, what makes it."""
