"""Reports as tables, workbooks and letters."""
