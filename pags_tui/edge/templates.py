"""Fills in a message's template: Jinja2 in its sandbox, strict. Nothing that a template names may be missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from pags_tui.core.errors import Refused


def fill(template: str, values: Mapping[str, object]) -> str:
    """The text. Raises Refused with a sentence for a name that is missing, or a template that cannot be filled."""
    try:
        return _environment().from_string(template).render(values).strip()
    except UndefinedError as error:
        raise Refused(f"The message is not complete: {error.message}.") from None
    except TemplateSyntaxError as error:
        raise Refused(f"The template is wrong in its line {error.lineno}: {error.message}.") from None
    except TemplateError as error:
        raise Refused(f"The template cannot be filled: {str(error).rstrip('.')}.") from None
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Refused(f"The template cannot be filled ({type(error).__name__}).") from None


def faults(
    template: str, names: Collection[str], members: Mapping[str, Collection[str]]
) -> tuple[tuple[int, str], ...]:
    """What is wrong with a template, each with its line from 1; nothing is filled in.

    `names`: what it may name. `members`: of some of these, what they hold (`metrics.error_rate`).
    """
    try:
        tree = _environment().parse(template)
    except TemplateSyntaxError as error:
        return ((error.lineno, f"the template cannot be read: {error.message}"),)
    unknown = find_undeclared_variables(tree) - set(names)
    found = [
        (node.lineno, f"the template names '{node.name}', which is not there; {_near(node.name, names)}")
        for node in tree.find_all(nodes.Name)
        if node.name in unknown
    ]
    found += [
        (node.lineno, f"there is no '{node.attr}' in {of.name}; {_near(node.attr, members[of.name])}")
        for node in tree.find_all(nodes.Getattr)
        if isinstance(of := node.node, nodes.Name) and of.name in members and node.attr not in members[of.name]
    ]
    return tuple(dict.fromkeys(found))


def _near(name: str, known: Collection[str]) -> str:
    """The close match for a name, else what there is."""
    close = get_close_matches(name, known, 1)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"there is {', '.join(sorted(known)[:12])}" if known else "this runbook defines none"


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
