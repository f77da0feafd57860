"""Pages: a request comes in, a service is asked, a template answers.

Rooms by whom the pages are for, from the ground up: words, frame, door, paper, desk, enrol, home, visitor, gate,
evidence, office. Each uses only rooms before it; `app` and `routes` hold them together. The templates of a room lie in
the folder of its name under `templates/`.
"""
