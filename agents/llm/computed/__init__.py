"""Answers without a language model: understand, ask the tools, phrase the results."""

from agents.llm.computed.model import ComputedModel

__all__ = ["ComputedModel"]
