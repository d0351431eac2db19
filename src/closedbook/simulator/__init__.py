"""An OpenAI-compatible HTTP server whose model is the rehearsal teacher: a stand-in for endpoints.

For tests, benchmarks and trying a configuration out: it has latency, a slot limit, faults and
outages at will, and the same settings always give the same replies, delays and faults. It is not a
language model. It knows nothing of projects, flows or our own client.
"""

from closedbook.simulator.server import Simulator
from closedbook.simulator.settings import FAULTS, SimulatorSettings

__all__ = ["FAULTS", "Simulator", "SimulatorSettings"]
