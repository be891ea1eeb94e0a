"""The SQL page: named questions with parameters, free SQL for admins, and what may be read."""
