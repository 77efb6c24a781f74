"""What differs between two results folders: files, and in them numbers, in standard errors."""
