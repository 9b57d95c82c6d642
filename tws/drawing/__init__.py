"""The way from a job to its causes as a picture: what is drawn, and where; pure."""

from tws.drawing.graph import Graph, Knot, Tie, graph_of
from tws.drawing.picture import Box, Line, Picture, picture

__all__ = ["Box", "Graph", "Knot", "Line", "Picture", "Tie", "graph_of", "picture"]
