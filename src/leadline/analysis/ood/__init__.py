"""Out-of-distribution score, fitted on the training images."""
