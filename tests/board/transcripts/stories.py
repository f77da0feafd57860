"""The whole rules of a door: every story of tests/scenarios, with each effect and the head of the log it leaves."""

from scenarios.player import play

for name in ("calls", "cards", "door-itself", "first-day", "guessing", "life", "visitors"):
    with open(f"scenarios/{name}.txt") as story:
        for line in play(story.read())[0]:
            print(line)
