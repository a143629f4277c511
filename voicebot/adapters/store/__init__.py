"""PostgreSQL through SQLAlchemy: tables, mapping, repositories."""
