"""Typical calls of SymPy; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "sympy integrate",
        """from sympy import *
x = symbols("x")
print(integrate(x**2 * exp(x), x), integrate(1 / (x**2 + 1), (x, 0, oo)), Integral(sin(x), x))
result = integrate(exp(-x**2), (x, -oo, oo)), integrate(log(x) / x, x)
""",
    ),
    (
        "sympy integrals transforms",
        """from sympy import *
t, s, w = symbols("t s w", positive=True)
print(laplace_transform(t * exp(-2 * t), t, s), inverse_laplace_transform(1 / (s + 1), s, t))
result = fourier_transform(exp(-t**2), t, w), mellin_transform(exp(-t), t, s)
""",
    ),
    (
        "sympy diff",
        """from sympy import *
x, y = symbols("x y")
f = Function("f")
print(diff(sin(x * y), x, y), diff(f(x) ** 2, x), Derivative(x**3, (x, 2)).doit())
result = idiff(x**2 + y**2 - 4, y, x), euler_equations(f(x) ** 2, f(x), x), diff(x**5, x, 3)
""",
    ),
    (
        "sympy limit",
        """from sympy import *
x, n = symbols("x n")
print(limit(sin(x) / x, x, 0), limit((1 + 1 / n) ** n, n, oo), limit(1 / x, x, 0, "-"))
result = limit_seq((n + 1) / n, n), Limit(exp(x), x, -oo).doit()
""",
    ),
    (
        "sympy series",
        """from sympy import *
x = symbols("x")
print(series(cos(x), x, 0, 8), series(exp(x), x, 1, 3), fps(log(1 + x)).truncate(4))
result = fourier_series(x, (x, -pi, pi)).truncate(3), residue(1 / (x**2 + 1), x, I)
""",
    ),
    (
        "sympy sum product",
        """from sympy import *
k, n = symbols("k n", integer=True, positive=True)
print(summation(k**2, (k, 1, n)), Sum(1 / k**2, (k, 1, oo)).doit(), product(k, (k, 1, n)))
result = Sum(1 / factorial(k), (k, 0, oo)).doit(), Product(1 + 1 / k, (k, 1, n)).doit()
""",
    ),
    (
        "sympy solve",
        """from sympy import *
x, y = symbols("x y", real=True)
print(solve(x**2 - 5 * x + 6, x), solve([x + y - 3, x - y - 1], [x, y]), solve(x**3 - x - 1, x)[2])
result = solve(Abs(x - 1) - 2, x), solve(exp(x) - y, x), solve(x**2 < 4, x)
""",
    ),
    (
        "sympy solveset",
        """from sympy import *
x, y = symbols("x y")
print(solveset(sin(x), x, S.Reals), solveset(x**2 + 1, x), linsolve([x + y - 2, x - y], x, y))
result = nonlinsolve([x**2 - 1, y - x], x, y), reduce_inequalities([x > 1, x < 5], x)
""",
    ),
    (
        "sympy nsolve nroots",
        """from sympy import *
x = symbols("x")
print(nsolve(cos(x) - x, x, 1), Poly(x**5 - x - 1).nroots(n=8)[0], real_roots(x**3 - 2 * x))
result = solve_poly_system([x**2 - 4], x), roots(x**2 - 2, x)
""",
    ),
    (
        "sympy dsolve",
        """from sympy import *
t = symbols("t")
y = Function("y")
print(dsolve(y(t).diff(t, 2) + y(t), y(t)), classify_ode(y(t).diff(t) - y(t), y(t))[:3])
result = (dsolve(y(t).diff(t) - y(t), y(t), ics={y(0): 2}),
    checkodesol(y(t).diff(t) - 1, Eq(y(t), t)))
""",
    ),
    (
        "sympy pdsolve rsolve",
        """from sympy import *
x, y, n = symbols("x y n")
u, a = Function("u"), Function("a")
print(pdsolve(u(x, y).diff(x) + u(x, y).diff(y), u(x, y)))
result = rsolve(a(n + 2) - a(n + 1) - a(n), a(n), {a(0): 0, a(1): 1})
""",
    ),
    (
        "sympy Matrix",
        """from sympy import *
m = Matrix([[2, 1], [1, 2]])
print(m.inv(), m.det(), m.eigenvals(), m.diagonalize(), m.exp(), m.charpoly().as_expr())
result = (m.LUdecomposition(), m.QRdecomposition(), Matrix([[1, 2], [2, 4]]).nullspace(),
    m.jordan_form())
""",
    ),
    (
        "sympy matrix expressions",
        """from sympy import *
n = symbols("n", integer=True)
a, b = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
print((a * b).T, (a * b).I.doit(), Trace(a + b).doit(), a.diff(a), BlockMatrix([[a, b]]).shape)
result = (Matrix(MatrixSymbol("X", 2, 2)), SparseMatrix(2, 2, {(0, 1): 5}), ImmutableMatrix([[1]]),
    det(a))
""",
    ),
    (
        "sympy latex",
        """from sympy import *
x, a = symbols("x alpha_1")
print(latex(Integral(x**2 / sqrt(a), (x, 0, 1)), mode="equation"), latex(Matrix([[1, x], [a, 2]])))
result = (latex(Sum(x, (x, 1, oo))), latex(Piecewise((1, x > 0), (0, True))),
    multiline_latex(x, a + 1))
""",
    ),
    (
        "sympy pretty",
        """from sympy import *
x, n = symbols("x n")
pprint(Integral(sqrt(x + 1) / x, (x, 1, 2)), use_unicode=True)
result = (pretty(Matrix([[1, x**2]]), use_unicode=False), pretty(Limit(1 / n, n, oo)),
    pretty(Sum(x, (x, 1, n))))
""",
    ),
    (
        "sympy printers",
        r"""from sympy import *
x, y = symbols("x y")
e = sin(x) ** 2 / y
print(mathml(e), srepr(e), ccode(e, standard="c99"), fcode(e), dotprint(x + y), sep="\n")
result = [f(e) for f in (jscode, octave_code, pycode, rust_code, julia_code, mathematica_code)]
""",
    ),
    (
        "sympy printing tree maple",
        """from sympy import *
from sympy.printing.tree import tree
x = symbols("x")
print(tree(x**2 + 1, assumptions=False), maple_code(Abs(x)), glsl_code(x**2), smtlib_code(x > 1))
result = cxxcode(x**3), rcode(Max(x, 2)), print_python(x + 1), StrPrinter().doprint(x / 3)
""",
    ),
    (
        "sympy lambdify",
        """import math
from sympy import *
x, y = symbols("x y")
f = lambdify((x, y), sin(x) + y**2, "math")
print(f(1.0, 2.0), lambdify(x, Matrix([x, x**2]), "numpy")(3), lambdify(x, gamma(x), "mpmath")(4))
result = lambdify(x, erf(x), "scipy")(0.5).round(10), lambdify(x, [x, x + 1], cse=True)(1)
""",
    ),
    (
        "sympy codegen",
        """from sympy import *
from sympy.utilities.codegen import codegen
x, y = symbols("x y")
[(name, code), header] = codegen(("f", x**2 + y), "C99", header=False, empty=False)
result = name, code, cse([sqrt(x + y), (x + y) ** 2])
""",
    ),
    (
        "sympy codegen ast",
        """from sympy import *
from sympy.codegen.ast import Assignment, CodeBlock, Variable, real
from sympy.codegen.rewriting import create_expand_pow_optimization
x, y = symbols("x y")
print(ccode(CodeBlock(Assignment(y, x**2), Assignment(x, y + 1))), fcode(Variable(x, type=real)))
result = ccode(create_expand_pow_optimization(3)(x**3)), pycode(Assignment(x, 1))
""",
    ),
    (
        "sympy factor expand",
        """from sympy import *
x, y = symbols("x y")
print(factor(x**4 - 1), expand((x + y) ** 3), collect(x * y + x, x), apart(1 / (x * (x + 1)), x))
result = (cancel((x**2 - 1) / (x - 1)), factor(x**2 + 1, extension=I), together(1 / x + 1 / y),
    horner(x**2 + x))
""",
    ),
    (
        "sympy simplify",
        """from sympy import *
x = symbols("x", positive=True)
print(simplify(sin(x) ** 2 + cos(x) ** 2), trigsimp(2 * sin(x) * cos(x)), powsimp(x**2 * x**3))
print(radsimp(1 / (1 + sqrt(2))), logcombine(log(x) + log(2)), sqrtdenest(sqrt(3 + 2 * sqrt(2))))
print(nsimplify(0.333333, rational=True, tolerance=1e-4))
result = gammasimp(gamma(x + 1) / gamma(x)), hyperexpand(hyper([], [], x))
""",
    ),
    (
        "sympy ntheory",
        """from sympy import *
print(factorint(360360), list(primerange(20, 50)), isprime(2**61 - 1), nextprime(100), totient(36))
print(divisors(28), primitive_root(23), discrete_log(41, 15, 7), jacobi_symbol(3, 11))
result = n_order(3, 7), mobius(30), continued_fraction(sqrt(7)), egyptian_fraction(Rational(5, 6))
""",
    ),
    (
        "sympy ntheory modular",
        """from sympy.ntheory import ecm, multinomial_coefficients, qs, sqrt_mod
from sympy.ntheory.modular import crt
print(crt([3, 5, 7], [2, 3, 2]), sqrt_mod(3, 13), sorted(ecm(1000003 * 10007, seed=1)))
result = multinomial_coefficients(2, 3)
""",
    ),
    (
        "sympy combinatorics",
        """from sympy.combinatorics import GrayCode, Partition, Permutation, SymmetricGroup
from sympy.combinatorics.named_groups import AlternatingGroup, DihedralGroup
p = Permutation([2, 0, 1])
print(p, p.cyclic_form, p.order(), SymmetricGroup(4).order(), DihedralGroup(4).is_abelian)
result = (AlternatingGroup(4).center().order(), list(GrayCode(2).generate_gray()),
    Partition([1, 2], [3]).rank)
""",
    ),
    (
        "sympy functions combinatorial",
        """from sympy import *
from sympy.functions.combinatorial.numbers import nC
print(binomial(10, 3), fibonacci(30), bernoulli(8), catalan(5), bell(5), harmonic(4), nC(5, 2))
result = subfactorial(5), lucas(6), euler(4), genocchi(6), partition(10), rf(3, 4)
""",
    ),
    (
        "sympy functions special",
        """from sympy import *
x = symbols("x")
print(besselj(0, x).diff(x), legendre(3, x), chebyshevt(4, x), hermite(3, x), zeta(4),
    gamma(S.Half))
result = (erf(1).evalf(20), Heaviside(x - 1).subs(x, 2), airyai(0), elliptic_k(0), LambertW(E),
    Ynm(1, 0, x, 0))
""",
    ),
    (
        "sympy stats",
        """from sympy import *
from sympy.stats import Binomial, Die, E, Exponential, Normal, P, cdf, density, variance
x, d, z = Normal("x", 0, 1), Die("d", 6), symbols("z")
print(P(d > 4), E(d**2), variance(Binomial("b", 3, Rational(1, 2))), density(x)(z))
result = cdf(Exponential("t", 2))(z), P(x > 0), simplify(E(x**2))
""",
    ),
    (
        "sympy geometry",
        """from sympy import *
t = Triangle(Point(0, 0), Point(4, 0), Point(0, 3))
print(t.area, t.incircle, t.circumcenter, Circle(Point(0, 0), 2).intersection(Line((0, 0), (1, 1))))
result = (Polygon((0, 0), (2, 0), (2, 2), (0, 2)).centroid, Ellipse((0, 0), 3, 2).foci,
    convex_hull((0, 0), (1, 0), (0, 1)))
""",
    ),
    (
        "sympy physics.units",
        """from sympy.physics.units import (N, convert_to, hour, kg, kilometer, meter, second,
    speed_of_light)
from sympy.physics.units.systems import SI
print(convert_to(90 * kilometer / hour, [meter, second]), convert_to(N, [kg, meter, second]))
result = (speed_of_light.convert_to(kilometer / second), SI.get_dimensional_expr(N),
    3 * meter + 2 * meter)
""",
    ),
    (
        "sympy physics.mechanics",
        """from sympy.physics.mechanics import (LagrangesMethod, Lagrangian, Particle, Point,
    ReferenceFrame)
from sympy.physics.mechanics import dynamicsymbols
q, n, o = dynamicsymbols("q"), ReferenceFrame("N"), Point("O")
o.set_vel(n, q.diff() * n.x)
ball = Particle("b", o, 2)
result = LagrangesMethod(Lagrangian(n, ball), [q]).form_lagranges_equations()
""",
    ),
    (
        "sympy physics.quantum",
        """from sympy import I
from sympy.physics.quantum import Commutator, Dagger, Ket, Operator, qapply
from sympy.physics.quantum.gate import H, X
from sympy.physics.quantum.qubit import Qubit
print(qapply(H(0) * Qubit("0")), qapply(X(1) * Qubit("00")), Dagger(I * Ket("a")))
result = Commutator(Operator("A") * Operator("B"), Operator("C")).expand(commutator=True)
""",
    ),
    (
        "sympy physics optics control",
        """from sympy import symbols
from sympy.physics.control.lti import Feedback, TransferFunction
from sympy.physics.optics import BeamParameter, ThinLens, lens_makers_formula
s = symbols("s")
plant = TransferFunction(1, s + 1, s)
result = (Feedback(plant, plant).doit(), plant.poles(), ThinLens(3),
    lens_makers_formula(1.5, 1, 10, -10))
""",
    ),
    (
        "sympy logic",
        """from sympy import *
from sympy.logic.inference import satisfiable, valid
a, b, c = symbols("a b c")
print(to_cnf(a >> (b & c)), to_dnf(~(a & (b | c))), simplify_logic((a & b) | (a & ~b)))
result = (satisfiable(a & ~a), valid(a | ~a), SOPform([a, b], [[0, 1], [1, 1]]),
    Xor(a, b).subs(a, True))
""",
    ),
    (
        "sympy sets",
        """from sympy import *
x = symbols("x")
print(Union(Interval(0, 2), Interval.open(1, 3)), Interval(0, 5) - FiniteSet(2),
    S.Integers.contains(3))
print(ImageSet(Lambda(x, x**2), Range(4)), ProductSet(FiniteSet(1, 2), FiniteSet(3)).is_finite_set)
result = (Intersection(S.Naturals, Interval(-1, 3)), ConditionSet(x, x > 1, S.Reals),
    FiniteSet(1, 2).powerset())
""",
    ),
    (
        "sympy parsing",
        """from sympy.parsing.mathematica import parse_mathematica
from sympy.parsing.maxima import parse_maxima
from sympy.parsing.sympy_parser import implicit_multiplication_application as implicit
from sympy.parsing.sympy_parser import parse_expr, standard_transformations
print(parse_expr("2x y + sin x", transformations=(*standard_transformations, implicit)))
result = (parse_mathematica("Sin[x]^2 + {1, 2}[[1]]"), parse_maxima("integrate(x, x)"),
    parse_expr("3!/2"))
""",
    ),
    (
        "sympy polys",
        """from sympy import *
x, y = symbols("x y")
print(groebner([x**2 + y, x * y - 1], x, y), gcd(x**2 - 1, x - 1), resultant(x**2 - 2, x - y, x))
print(minimal_polynomial(sqrt(2) + sqrt(3), x), Poly(x**3 + 2 * x, x, modulus=5), div(x**3, x - 1))
result = (ring("z", QQ)[1] ** 2, cyclotomic_poly(6, x), interpolate([1, 4, 9], x),
    discriminant(x**2 - 2, x))
""",
    ),
    (
        "sympy assumptions calculus",
        """from sympy import *
from sympy.calculus.util import continuous_domain, function_range, maximum, periodicity
x = symbols("x", real=True)
print(ask(Q.positive(x**2 + 1)), refine(Abs(x), Q.negative(x)), is_increasing(x**3, S.Reals))
print(singularities(1 / (x - 1), x), maximum(sin(x), x), periodicity(sin(2 * x), x))
result = continuous_domain(log(x), x, S.Reals), function_range(x**2, x, S.Reals)
""",
    ),
    (
        "sympy tensor vector diffgeom",
        """from sympy import *
from sympy.tensor.tensor import TensorIndexType, tensor_indices
from sympy.vector import CoordSys3D, curl, divergence, gradient
n, x = CoordSys3D("N"), symbols("x")
print(gradient(n.x * n.y), divergence(n.x * n.i), curl(n.y * n.i), Array([[1, 2], [3, 4]])[1, 0])
result = (tensorproduct(Array([1, x]), Array([x])), IndexedBase("a")[symbols("i", integer=True)],
    LeviCivita(1, 2, 3))
""",
    ),
    (
        "sympy crypto holonomic liealgebras",
        """from sympy import *
from sympy.crypto.crypto import decipher_vigenere, encipher_shift, encode_morse
from sympy.holonomic import expr_to_holonomic
from sympy.liealgebras.cartan_type import CartanType
print(encipher_shift("HELLO", 3), decipher_vigenere("QRGK", "KEY"), encode_morse("SOS"))
result = expr_to_holonomic(sin(Symbol("x"))), CartanType("A3").cartan_matrix()
""",
    ),
]
