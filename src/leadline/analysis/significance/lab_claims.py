"""What the lab's report claims about confusions, model by model, as claims that can be tested."""

from __future__ import annotations

from leadline.analysis.significance.confusion_claims import Claim

TWO_SEVEN, FOUR_NINE, THREE_FIVE = ("2", "7"), ("4", "9"), ("3", "5")
SEVEN_NINE, THREE_EIGHT = ("7", "9"), ("3", "8")
OF_PIXELS = (TWO_SEVEN, FOUR_NINE, THREE_FIVE)
OF_HOG = (THREE_FIVE, FOUR_NINE, SEVEN_NINE, THREE_EIGHT)

LAB_CLAIMS = (
    Claim("mlp-1 confuses", "mlp-1", OF_PIXELS, "confused"),
    Claim("mlp-2 still confuses", "mlp-2", OF_PIXELS, "confused"),
    Claim("mlp-2 confuses fewer", "mlp-2", OF_PIXELS, "fewer", "mlp-1", together=True),
    Claim("mlp-2 tells 3 and 5", "mlp-2", (THREE_FIVE,), "fewer", "mlp-1"),
    Claim("mlp-3 still confuses", "mlp-3", (FOUR_NINE,), "confused"),
    Claim("mlp-3 confuses fewer", "mlp-3", (TWO_SEVEN, THREE_FIVE), "fewer", "mlp-1"),
    Claim("mlp-3 confuses fewer", "mlp-3", (TWO_SEVEN, THREE_FIVE), "fewer", "mlp-2"),
    Claim("hog-1 confuses", "hog-1", OF_HOG, "confused"),
    Claim("hog-1 confuses more", "hog-1", (SEVEN_NINE, THREE_EIGHT), "more", "mlp-1"),
    Claim("hog-1 confuses more", "hog-1", (SEVEN_NINE, THREE_EIGHT), "more", "mlp-3"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "not confused"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-1"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-2"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-3"),
    Claim("hog-2 confuses", "hog-2", OF_HOG, "confused"),
    Claim("hog-2 confuses fewer", "hog-2", OF_HOG, "fewer", "hog-1", together=True),
    Claim("hog-3 confuses", "hog-3", OF_HOG, "confused"),
    Claim("hog-3 confuses fewer", "hog-3", OF_HOG, "fewer", "hog-2", together=True),
)
"""In the order of the report. Claims of one key are one sentence of it, tested several times."""
