"""Customers to rehearse with: scripted SIP callees that speak."""
