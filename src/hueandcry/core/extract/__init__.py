"""Signals and sums of money in free text of any script, in time linear in its length."""

from hueandcry.core.extract.found import Amount, Extraction, Found, OpenAccount

__all__ = ["Amount", "Extraction", "Found", "OpenAccount"]
