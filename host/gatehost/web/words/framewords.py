"""What signing in says, and what any form may be answered."""

from gatehost.web.words.language import noted as N

REFUSALS: dict[str, tuple[str, str]] = {
    "credentials": (
        N("Name or password is not right"),
        N("Check both and try again. Forgotten? The front desk gives you a new link."),
    ),
    "link": (N("This link no longer works"), N("Ask the front desk for a new one.")),
    "form": (N("This page was open too long"), N("Go back, reload the page, and try again. Nothing was done.")),
    "signed_out": (N("You are signed out"), N("Sign in and try again. Nothing was done.")),
    "large": (N("That was too much text"), N("Shorten it and try again.")),
    "unreadable": (
        N("This form could not be read"),
        N("Go back, reload the page, and send it again. Nothing was done."),
    ),
    "slow": (N("The form did not arrive in time"), N("Check your connection and send it again. Nothing was done.")),
    "random": (N("No free number was found"), N("Please try again.")),
    "state_too_large": (N("That is more than a door can hold"), N("Nothing was changed. Ask the technician.")),
    "disk_full": (
        N("The host's disk is full"),
        N("Nothing was saved. Ask the technician to make room, then do it again. Doors go on opening."),
    ),
}
FIELDS: dict[tuple[str, str], str] = {
    ("password", "short"): N("Please use at least 10 characters"),
    ("password", "common"): N("Too easy to guess: use something longer"),
    ("password", "long"): N("At most 200 characters"),
    ("again", "differ"): N("The two are not the same"),
}

ACTIONS = {
    "account.link": N("made a sign-in link"),
    "account.password": N("set a password"),
}
DONE = {
    "password": N("Your password is saved."),
}
