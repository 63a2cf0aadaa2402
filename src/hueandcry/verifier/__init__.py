"""Checks a package of evidence from files alone: standard library only, no network, no node."""
