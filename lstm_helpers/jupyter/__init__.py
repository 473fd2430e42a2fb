"""What Jupyter itself loads: settings, the picture that is saved in place of a panel, cells that are left out."""
