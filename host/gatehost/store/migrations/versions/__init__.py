"""v0001_spine is the schema databases had before there were steps."""
