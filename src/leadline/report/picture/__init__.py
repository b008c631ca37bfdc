"""An explanation as one PNG picture."""
