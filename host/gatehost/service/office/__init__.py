"""The office behind the desk: who works here, rules, notices, numbers, and what is done every day and night."""
