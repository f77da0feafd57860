"""For the admin and who asks from outside: the register, what the log proves, what leaves the house."""
