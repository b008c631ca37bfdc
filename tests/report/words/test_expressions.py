"""Each formula in both its forms."""

from leadline.report.words.expressions import (
    bracketed,
    call,
    equation,
    hatted,
    indexed,
    math_block,
    num,
    root,
    series,
    var,
)

A, B, C = var("a"), var("b"), var("c")


def test_products_bracket_sums():
    assert ((A + B) * C).text == "(a + b) c"
    assert ((A - B) * (B + C)).text == "(a − b) (b + c)"


def test_a_difference_brackets_what_is_taken_off():
    assert (A - (B + C)).text == "a − (b + c)"
    assert (A + (B + C)).text == "a + b + c"


def test_numbers_are_multiplied_with_a_dot():
    assert (num("0.5") * num("0.96") ** A).text == "0.5 · 0.96^a"
    assert "<mo>⋅</mo>" in (A * num("2")).mathml


def test_fractions_bracket_what_stands_below():
    assert (A / (B + C)).text == "a / (b + c)"
    assert (A / root(B + C)).text == "a / sqrt(b + c)"
    assert (A / (root(B) + root(C))).text == "a / (sqrt(b) + sqrt(c))"
    assert (A / (B * C)).text == "a / (b c)"


def test_fractions_need_no_brackets_in_mathml():
    assert (A / (B + C)).mathml == (
        "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi><mo>+</mo><mi>c</mi></mrow></mfrac>"
    )


def test_a_power_of_an_indexed_symbol_sits_above_its_index():
    squared = indexed(A, "t") ** num("2")
    assert squared.text == "a(t)^2"
    assert squared.mathml == (
        "<msubsup><mrow><mi>a</mi></mrow><mrow><mi>t</mi></mrow><mrow><mn>2</mn></mrow></msubsup>"
    )
    assert (A ** num("2")).mathml.startswith("<msup>")


def test_series_and_calls():
    total = series("∑", "k", "K", call("log", indexed(A, "k")))
    assert equation(B, total).text == "b = ∑(k = 1..K) log(a(k))"
    assert "<munderover><mo>∑</mo>" in total.mathml


def test_hats_and_brackets():
    assert hatted(A).text == "a\u0302"
    assert bracketed(A).text == "a"
    assert bracketed(A + B).text == "(a + b)"


def test_symbols_are_escaped():
    assert var("<").mathml == "<mi>&lt;</mi>"


def test_block():
    assert math_block(A) == '<math display="block"><mrow><mi>a</mi></mrow></math>'
