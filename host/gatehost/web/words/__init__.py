"""What pages say, in both languages: texts and times, states, refusals, and a table of words for each subject."""
