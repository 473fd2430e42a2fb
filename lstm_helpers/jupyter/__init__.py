"""Parts that Jupyter loads: settings, saving pictures instead of panels, cells with missing libraries, folds."""
