"""From files to typed columns, one subject a module; `toolkit.reading` puts them together."""
