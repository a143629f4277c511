"""The open-source voice robot that wins lapsed customers back."""

__version__ = "0.1.0"
