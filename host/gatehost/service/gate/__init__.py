"""The gate: who comes in, who goes out, who is inside, who is on duty; with the host away too."""
