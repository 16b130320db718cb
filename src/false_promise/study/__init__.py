"""The study: which runs each page needs, and the tables read from them. `specs` says what; the pages say which."""
