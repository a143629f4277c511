"""The desk: pages for managers and admins."""
