"""Files of any size, sealed one by one: bytes in a folder or an S3 store, their keys in rows."""
