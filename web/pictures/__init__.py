"""What people are shown of a photo: smaller, faces blurred, marked; the original stays evidence and is not touched."""
