"""For visitors, who sign in nowhere: the code behind a link, and asking to be let in."""
