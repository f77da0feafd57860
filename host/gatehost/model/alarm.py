"""Kinds of alarm that are the host's own; a door's are gatecore.events.ALERT_*, below 100."""

FORK = 100  # a device's log continued in two ways
CONFLICT = 101  # a code for one visit let somebody in twice
WITNESS = 102  # a door does not take the estate's newest checkpoint
