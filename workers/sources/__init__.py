"""Where Events come from: one module or package per platform."""
