"""How the review desk writes what the auditor has noted."""

from django import template

from audit import wording

register = template.Library()


@register.filter
def noted(text: object) -> str:
    """A reason or comment, in the reader's language where the auditor wrote it."""
    return wording.reason(str(text))
