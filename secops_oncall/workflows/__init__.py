"""One use case, one function: ports and values in, domain objects out."""
