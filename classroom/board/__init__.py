"""The board: what the class answers, live, for its teacher. A service of the class's JupyterHub; README.md says how."""

SCOPE = "custom:board:report"  # of a token that may report: that of a server, not that of a page
