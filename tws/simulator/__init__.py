"""A loopback HWA: the V2 REST API over HTTP, a plan that lives, scenarios with known causes."""

from tws.simulator.serving import Simulator, serve

__all__ = ["Simulator", "serve"]
