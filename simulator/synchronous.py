"""How long a request takes that is answered with its picture."""

import random
from collections.abc import Mapping

from simulator.faults import Fault, FaultName
from simulator.options import Pace

_SLOW_SECONDS = 60.0
_STUCK_SECONDS = 3600.0


def reply_seconds(pace: Pace, typical: float, faults: Mapping[FaultName, Fault]) -> float:
    """Real seconds until the answer of a request that usually takes `typical`."""
    duration = pace.scaled(typical * random.uniform(0.85, 1.15))
    seconds = duration if pace.fixed_seconds is None else pace.fixed_seconds
    for name in (FaultName.SLOW, FaultName.COLD_START):
        if fault := faults.get(name):
            seconds += pace.scaled(_SLOW_SECONDS) if fault.seconds is None else fault.seconds
    if fault := faults.get(FaultName.STUCK):
        seconds += fault.seconds or _STUCK_SECONDS
    return seconds
