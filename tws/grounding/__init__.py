"""Which statements about the plan a text makes, and whether evidence bears them out."""

from tws.grounding.check import Claim, Grounding, check

__all__ = ["Claim", "Grounding", "check"]
