"""The command `kaimen`: one word, many verbs, each owned by the package that registers it."""
