"""The only way out of a node: `client` resolves, checks, connects to what it checked, bounds."""
