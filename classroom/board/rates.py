"""Rate limits by sender, so that one sender neither slows nor drowns out the others."""

import time


class Rates:
    """Token buckets, one for each sender: each holds up to `burst` and is refilled at `rate` per second."""

    def __init__(self, burst, rate, clock=time.monotonic):
        self.burst, self.rate, self._clock = burst, rate, clock
        self._levels = {}  # sender -> (level, when)

    def take(self, sender, amount=1):
        """Take `amount` from the sender's bucket; return false, taking nothing, if it holds less."""
        level, now = self.level(sender), self._clock()
        if level < amount:
            return False
        self._levels[sender] = (level - amount, now)
        if len(self._levels) > 4096:  # forget full buckets
            self._levels = {name: entry for name, entry in self._levels.items() if self.level(name) < self.burst}
        return True

    def level(self, sender):
        """Return the amount in the sender's bucket now."""
        level, when = self._levels.get(sender, (self.burst, self._clock()))
        return min(self.burst, level + self.rate * (self._clock() - when))

    def wait(self, sender, amount=1):
        """Return the seconds until the sender may take `amount`."""
        return max(0.0, (min(amount, self.burst) - self.level(sender)) / self.rate)
