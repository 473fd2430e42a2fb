"""The board: a service of the class's JupyterHub that shows the teacher the class's answers live. See README.md."""

SCOPE = "custom:board:report"  # the token scope for reporting; a server's token has it, a page's does not
