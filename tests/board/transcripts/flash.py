"""Every story at a door whose log, memory and state lie on a board's flash."""

from scenarios.on_flash import OnFlash
from scenarios.player import play

for name in ("calls", "cards", "door-itself", "first-day", "guessing", "life", "visitors"):
    with open(f"scenarios/{name}.txt") as story:
        for line in play(story.read(), OnFlash)[0]:
            print(line)
