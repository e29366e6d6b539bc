"""The command line: argv in, one workflow, one view out."""
