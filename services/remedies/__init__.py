"""What puts a generation right: each with a dry-run, a reason, and a row in the audit trail."""
