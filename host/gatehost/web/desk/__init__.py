"""For the front desk: its day, homes and their people, cards that end soon."""
