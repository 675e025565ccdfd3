"""A rollback's plan in words: for a person, as commands for a shell, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pags_tui.cli.common import tell
from pags_tui.core.errors import PagsError, said

if TYPE_CHECKING:
    from pags_tui.core.plan.rollback import PlanLine, RollbackPlan
    from pags_tui.core.series import FlagValue
    from pags_tui.core.state import RunState
    from pags_tui.wiring.rollback import Ground


def commands(ground: Ground, plan: RollbackPlan) -> list[str]:
    """The plan as lines for a shell."""
    from pags_tui.core.plan.rollback import NOT_NOTED

    found = [f"# {said(plan.title)}, on {said(ground.target)}"]
    found += [curl_of(ground, line.flag, line.after) for line in plan.lines]
    for step in plan.manual:
        found.append(f"# by hand: {said(step.text)}")
        if step.command:  # a shell may read it only when it is whole
            found.append(f"# {said(step.command, 1000)}" if NOT_NOTED in step.command else step.command)
    return found


def curl_of(ground: Ground, flag: str, value: FlagValue) -> str:
    """The write by hand; a flag that no service writes is a comment."""
    from pags_tui.core.conditions import show_flag_value

    service = ground.services.get(ground.runbook.flags[flag].service)
    try:
        return service.curl(flag, value) if service else f"# by hand: {flag} = {show_flag_value(value)}"
    except PagsError as error:
        return f"# by hand: {flag} = {show_flag_value(value)} ({said(str(error))})"


def as_json(ground: Ground, plan: RollbackPlan) -> dict[str, Any]:
    """The plan for a script."""
    return {
        "target": ground.target,
        "run": ground.run,
        "option": plan.option,
        "title": plan.title,
        "flags": [
            {
                "flag": line.flag,
                "step": line.step,
                "now": line.now,
                "after": line.after,
                "already": line.already,
                "curl": curl_of(ground, line.flag, line.after),
            }
            for line in plan.lines
        ],
        "manual": [{"step": step.id, "text": step.text, "command": step.command} for step in plan.manual],
        "loses": plan.loses,
        "left": [{"flag": flag, "now": now, "before": before} for flag, now, before in plan.left],
    }


def show(ground: Ground, plan: RollbackPlan, read: RunState, err: bool = False) -> None:
    """The plan as a person reads it; `read`: the state with the flags as they are just now."""
    where = f"run {ground.run}" if ground.run else "no open run"
    tell(f"{said(plan.title)}, on {said(ground.target)} ({where})", err=err)
    for number, line in enumerate(plan.lines, 1):
        why = f" ({read.flag(line.flag).failed})" if read.flag(line.flag).failed else ""
        tell(f"{number}/{len(plan.lines)} {_line(line)}{why}", err=err)
    for told in by_hand(plan):
        tell(told, err=err)
    if plan.loses:
        tell(f"loses: {said(plan.loses)}", err=err)
    for flag, now, before in plan.left:
        tell(f"left alone: {flag} {shown(now)} (before the night {shown(before)})", err=err)


def by_hand(plan: RollbackPlan) -> list[str]:
    """What a person still has to do, a line a step."""
    commands = [f": {said(step.command, 1000)}" if step.command else "" for step in plan.manual]
    return [f"by hand: {said(step.text)}{command}" for step, command in zip(plan.manual, commands, strict=True)]


def _line(line: PlanLine) -> str:
    return f"{line.flag} {shown(line.now)} -> {shown(line.after)}" + (" (already so)" if line.already else "")


def shown(value: FlagValue | None) -> str:
    """A flag's value, `?` where it was not read."""
    from pags_tui.core.decide.flags import show

    return show(value)
