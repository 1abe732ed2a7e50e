"""Subcommands of `hwprune`, one a file."""
