"""For the office behind the desk, the operator and the committee: staff, rules, notices, numbers, privacy."""
