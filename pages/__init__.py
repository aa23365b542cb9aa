"""What people see: a file here is a page; what it shows comes from `components`."""
