"""The terminal program for security engineers on call."""

__version__ = "0.1.0"
