"""Fills in a message's template: Jinja2 in its sandbox, strict. Nothing that a template names may be missing."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
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
        raise Refused(f"The template cannot be filled: {error}.") from None
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Refused(f"The template cannot be filled ({type(error).__name__}).") from None


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
