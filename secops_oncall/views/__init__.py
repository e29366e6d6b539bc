"""Domain objects as tables, TSV, CSV, JSON and Markdown."""
