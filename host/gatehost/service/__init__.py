"""What people and the host do: one use case a function, one transaction each, audited.

Rooms by the people's acts, from the ground up: face, door, home, evidence, paper, enrol, gate, office, founding,
safekeeping. Each uses only rooms before it, and all stand on what lies beside them here, which uses no room.
"""
