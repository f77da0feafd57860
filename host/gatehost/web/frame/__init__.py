"""What every page stands in: who asks, what every request passes, the frame around a page, signing in, live parts."""
