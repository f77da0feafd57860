"""Every table of the host, by what it is about. Times are ms UTC; names are the glossary's."""
