"""Explanations of predictions: Grad-CAM, occlusion, and their sanity checks.

| module | holds |
|---|---|
| `grad_cam` | which places of the last convolution speak for a class |
| `occlusion` | the same from answers alone, by covering parts of the image |
| `heat` | `HeatMaps`, what both give |
| `strokes` | edges by direction and cell, as HOG features have them |
| `sanity` | do maps fall apart when the weights are redrawn? |
| `border` | the share of a map along the edges |
| `examples` | which images are shown |
| `explanations` | `Explanations`, what a run folder keeps of all this |
| `answer` | `Answer`, what a model says of an image of one's own |
| `overlay` | a map over its image, as pixels, PNG and JPEG |
"""
