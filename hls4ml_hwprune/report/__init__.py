"""Reports of plans for people and for programs: tables through logging, and `hwprune_report.json`."""
