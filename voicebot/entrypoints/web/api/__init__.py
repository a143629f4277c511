"""The API: what other programs of the company may ask and do."""
