"""From any picture of a digit to the 28 × 28 pixels that the models see."""
