"""The database: one schema in two dialects, SQLite and PostgreSQL."""
