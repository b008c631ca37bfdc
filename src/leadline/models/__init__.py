"""Keras models from experiments, and the sum behind every layer's weights.

| module | holds |
|---|---|
| `built` | what building gives: the model, its two halves, its dead layers |
| `topology` | names and wiring of the layers of a TOML file; what reaches nothing |
| `fitting` | whether a layer fits the shape it reads, and the fix where it does not |
| `build` | `build_model` |
| `seeds` | one seed for each layer |
| `messages` | what Keras said, in one line |
| `user_model` | the user's own builder |
| `derivations` | the sum behind one layer's weights |
| `weights` | `layer_table`, `totals`, `format_bytes` |
"""
