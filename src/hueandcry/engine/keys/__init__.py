"""Private keys on disk, and signing: `keyring` for a node's own keys, `ed25519` for anybody's."""
