"""Shipped fakes of the ports; each passes its contract suite."""
