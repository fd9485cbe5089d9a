"""What a host does to a whole database: back it up, check a backup, and restore one."""
