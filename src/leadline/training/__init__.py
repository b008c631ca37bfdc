"""Training of one model: a plain torch loop over a Keras model.

| module | holds |
|---|---|
| `loop` | `fit` and `predict`: the file to read first |
| `history` | what fitting hands back |
| `batches` | features and labels, resident or batch by batch, in shuffled order |
| `forward` | the layers of a Keras model as plain torch calls |
| `kernels` | what one Keras layer computes |
| `normalisation` | batch normalisation |
| `objective` | the loss, as Keras computes it |
| `optimizers` | Keras's optimizer objects |
| `updates` | faster updates over the variables of a Keras optimizer |
| `schedules` | learning rates over steps |
| `dropout` | masks from few random words |
| `augment` | random changes of uint8 images: where their pixels are |
| `optics` | the same: their light and sharpness |
| `draws` | a random value for each image |
| `averaging` | means of weights over steps or epochs |
| `ranking` | the area under the ROC curve, to be monitored |
| `stopping` | the best epoch, and when to stop |
| `checkpoint` | one file that holds all that resuming needs |
"""
