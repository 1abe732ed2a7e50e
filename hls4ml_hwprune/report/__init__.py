"""The plan for people and for programs: a table through logging, and `hwprune_report.json`."""
