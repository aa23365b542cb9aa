"""From a drawing to what models say of it, for every page that has a canvas."""
