"""One file a command group: read, call one function of the library, write."""
