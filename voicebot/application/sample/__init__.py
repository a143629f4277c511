"""A CRM of people who do not exist, to try things on."""
