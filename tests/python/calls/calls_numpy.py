"""Typical calls of NumPy; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "numpy linalg solve",
        """import numpy as np
a = np.array([[4.0, 1.0], [2.0, 3.0]])
print(np.linalg.solve(a, [1, 2]), np.linalg.inv(a), np.linalg.det(a).round(10))
result = np.linalg.cond(a).round(8), np.linalg.matrix_rank(a), np.linalg.matrix_power(a, 3)
""",
    ),
    (
        "numpy linalg svd qr eig",
        """import numpy as np
a = np.arange(6.0).reshape(3, 2) + np.eye(3, 2)
print(np.linalg.svd(a, compute_uv=False).round(8), abs(np.linalg.qr(a).R).round(8))
result = np.linalg.eigvalsh(a.T @ a).round(8), np.linalg.cholesky(a.T @ a).round(8)
""",
    ),
    (
        "numpy linalg lstsq pinv",
        """import numpy as np
a = np.vander([1.0, 2.0, 3.0, 4.0], 2)
solution, residual, rank, _ = np.linalg.lstsq(a, [3.1, 4.9, 7.2, 8.8])
result = solution.round(8), residual.round(8), rank, np.linalg.pinv(a).round(8)
""",
    ),
    (
        "numpy linalg error",
        """import numpy as np
try:
    np.linalg.inv(np.zeros((2, 3)))
except np.linalg.LinAlgError as error:
    result = (str(error), np.linalg.norm([[3, 4], [0, 0]], "fro"),
        np.linalg.multi_dot([np.eye(2)] * 3))
""",
    ),
    (
        "numpy fft",
        """import numpy as np
signal = np.sin(2 * np.pi * np.arange(8) / 8)
print(np.abs(np.fft.rfft(signal)).round(8), np.fft.fftfreq(4, 0.5), np.fft.fftshift(range(5)))
result = np.fft.irfft(np.fft.rfft(signal)).round(8), np.fft.fft2(np.eye(2)).real
""",
    ),
    (
        "numpy random Generator",
        """import numpy as np
rng = np.random.default_rng(42)
print(rng.integers(0, 10, 5), rng.normal(size=3), rng.choice(list("abc"), 4), rng.permutation(5))
result = rng.dirichlet([1, 2]), rng.multivariate_normal([0, 0], np.eye(2)), rng.spawn(1)[0].random()
""",
    ),
    (
        "numpy random RandomState",
        """import numpy as np
state = np.random.RandomState(7)
print(state.rand(2), state.randint(5, size=3), state.gamma(2.0, size=2))
np.random.seed(3)
result = np.random.standard_t(5, 2), np.random.shuffle(items := [1, 2, 3, 4]), items
""",
    ),
    (
        "numpy random bit generators",
        """import numpy as np
for kind in (np.random.MT19937, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64):
    print(kind.__name__, np.random.Generator(kind(5)).random(2))
result = np.random.SeedSequence(1).generate_state(3)
""",
    ),
    (
        "numpy polynomial Polynomial",
        """from numpy.polynomial import Polynomial
p = Polynomial([6, -5, 1])
print(p, p.roots(), p.deriv(), p.integ(), p(2.5))
result = (Polynomial.fit([0, 1, 2], [1, 3, 7], 2).convert().coef.round(8),
    divmod(p, Polynomial([-2, 1])))
""",
    ),
    (
        "numpy polynomial families",
        """from numpy.polynomial import Chebyshev, Hermite, HermiteE, Laguerre, Legendre
for family in (Chebyshev, Hermite, HermiteE, Laguerre, Legendre):
    print(family.basis(3), family([1, 2, 3]).roots().round(6), family([1, 2])(0.5))
result = Chebyshev.interpolate(abs, 4).coef.round(6)
""",
    ),
    (
        "numpy poly1d polyfit",
        """import numpy as np
p = np.poly1d([1, -3, 2])
print(p, p.r, np.polyval(p, 4), np.polymul([1, 1], [1, -1]))
result = np.polyfit([0, 1, 2, 3], [1, 2, 5, 10], 2).round(8), np.polydiv([1, 0, -1], [1, 1])
""",
    ),
    (
        "numpy ma",
        """import numpy as np
a = np.ma.masked_invalid([1.0, np.nan, 3.0])
print(a, a.mean(), a.filled(-1), np.ma.masked_where(a > 2, a).count())
result = (a * 2, np.ma.median(a), np.ma.array([1, 2, 3], mask=[0, 1, 0]).compressed(),
    np.ma.corrcoef(a))
""",
    ),
    (
        "numpy char strings",
        """import numpy as np
names = np.array(["ann", "Bob "])
print(np.char.upper(names), np.strings.find(names, "n"), np.strings.strip(names))
result = (np.char.center(names, 7, "*"), np.strings.add(names, "!"),
    np.char.encode(names, "utf-16-le"))
""",
    ),
    (
        "numpy StringDType",
        """import numpy as np
a = np.array(["short", "a much longer text"], dtype=np.dtypes.StringDType())
result = a, np.strings.str_len(a), np.strings.replace(a, "o", "0"), np.sort(a), a == "short"
""",
    ),
    (
        "numpy lib.stride_tricks",
        """import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
a = np.arange(6)
result = (sliding_window_view(a, 3).sum(axis=1), as_strided(a, (2, 2), (8, 4)),
    np.broadcast_to(1, (2,)))
""",
    ),
    (
        "numpy datetime64",
        """import numpy as np
days = np.arange("2024-02-27", "2024-03-03", dtype="datetime64[D]")
print(days, np.diff(days), np.is_busday(days), np.busday_count("2024-01-01", "2024-02-01"))
result = np.datetime_as_string(days[:1], unit="h"), np.busday_offset("2024-03-02", 0, "forward")
""",
    ),
    (
        "numpy testing",
        """import numpy as np
np.testing.assert_allclose([1.0, 2.0], [1.0, 2.0 + 1e-9])
try:
    np.testing.assert_array_equal([1, 2, 3], [1, 2, 4], err_msg="differs")
except AssertionError as error:
    result = str(error)
""",
    ),
    (
        "numpy ctypeslib",
        """import ctypes
import numpy as np
data = np.ctypeslib.as_array((ctypes.c_int * 3)(1, 2, 3))
result = (data, np.ctypeslib.as_ctypes_type(np.float64).__name__,
    np.ctypeslib.ndpointer(ndim=1).__name__)
""",
    ),
    (
        "numpy recarray",
        """import numpy as np
from numpy.lib import recfunctions
a = np.rec.fromrecords([(1, "x"), (2, "y")], names="n,s")
print(a.n, a[1].s, recfunctions.append_fields(a, "z", [0.5, 1.5], usemask=False))
result = (a, np.rec.fromarrays([[1, 2], [3.0, 4.0]], formats="i4,f8"),
    recfunctions.drop_fields(a, "s"))
""",
    ),
    (
        "numpy structured",
        """import numpy as np
from numpy.lib.recfunctions import join_by, stack_arrays, structured_to_unstructured
a = np.array([(1, 2.5), (2, 3.5)], dtype=[("k", "i4"), ("v", "f8")])
b = np.array([(1, 7.0)], dtype=[("k", "i4"), ("w", "f8")])
result = (join_by("k", a, b), structured_to_unstructured(a), stack_arrays((a, b)),
    np.sort(a, order="v"))
""",
    ),
    (
        "numpy einsum",
        """import numpy as np
a, b = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
print(np.einsum("ij,jk->ik", a, b), np.einsum("ii", np.eye(3)), np.einsum_path("ij,jk", a, b)[0])
result = np.tensordot(a, b, 1).shape, np.kron([1, 2], [1, 1]), np.outer([1, 2], [3, 4])
""",
    ),
    (
        "numpy save load",
        """import io
import numpy as np
buffer = io.BytesIO()
np.savez_compressed(buffer, a=np.arange(3), b=np.array(["x", "é"]))
buffer.seek(0)
result = {name: array.tolist() for name, array in np.load(buffer).items()}
""",
    ),
    (
        "numpy memmap format",
        """import numpy as np
np.save("/tmp/calls-a.npy", np.arange(6, dtype="f4").reshape(2, 3))
with open("/tmp/calls-a.npy", "rb") as file:
    print(np.lib.format.read_magic(file), np.lib.format.read_array_header_1_0(file))
result = np.load("/tmp/calls-a.npy", allow_pickle=False).sum(axis=0)
""",
    ),
    (
        "numpy loadtxt genfromtxt",
        r"""import io
import numpy as np
text = "# x,y\n1,2\n3,\n"
out = io.StringIO()
np.savetxt(out, [[1.5, 2], [3, 4]], fmt="%.1f", header="a b")
result = np.genfromtxt(io.StringIO(text), delimiter=",", filling_values=9), out.getvalue()
""",
    ),
    (
        "numpy printoptions",
        """import numpy as np
with np.printoptions(precision=2, suppress=True, threshold=5):
    print(np.linspace(0, 1, 20), np.array([1e-10, 1.0]))
print(np.array2string(np.eye(2), separator=", "), np.format_float_scientific(1234.5, precision=2))
result = np.base_repr(35, 36), np.binary_repr(-3, 8), np.format_float_positional(1e-3)
""",
    ),
    (
        "numpy indexing",
        """import numpy as np
a = np.arange(12).reshape(3, 4)
print(a[np.ix_([0, 2], [1, 3])], np.r_[1:4, 9], np.c_[[1, 2], [3, 4]], np.mgrid[0:2, 0:2])
print(np.unravel_index(7, a.shape), np.take_along_axis(a, a.argsort(axis=1)[:, ::-1], 1))
result = np.where(a % 2, a, -a), np.select([a < 3, a > 8], [0, 1], 9), np.triu_indices(2)
""",
    ),
    (
        "numpy set operations",
        """import numpy as np
a, b = np.array([3, 1, 2, 3]), np.array([2, 4])
print(np.unique(a, return_counts=True, return_inverse=True), np.isin(a, b), np.setxor1d(a, b))
result = np.union1d(a, b), np.intersect1d(a, b, return_indices=True), np.unique_counts(a)
""",
    ),
    (
        "numpy statistics",
        """import numpy as np
a = np.random.default_rng(0).normal(size=50)
print(np.histogram(a, bins="auto")[0], np.percentile(a, [5, 50], method="midpoint").round(8))
print(np.histogram2d(a, a, 2)[0], np.digitize([0.2, 5], [0, 1]), np.bincount([1, 1, 3]))
result = (np.nanmedian([1, np.nan, 3]), np.corrcoef(a, a**2).round(8),
    np.average([1, 2], weights=[3, 1]))
""",
    ),
    (
        "numpy vectorize piecewise",
        """import numpy as np
f = np.vectorize(lambda x, y=1: x * y if x > 1 else -1, otypes=[float])
print(f([1, 2, 3], 2), np.frompyfunc(lambda a, b: a + b, 2, 1).reduce([1, 2, 3]))
result = (np.piecewise(a := np.array([-1.0, 4.0]), [a < 0, a >= 0], [abs, np.sqrt]),
    np.apply_along_axis(sum, 0, np.eye(2)))
""",
    ),
    (
        "numpy pad roll tile",
        """import numpy as np
a = np.array([[1, 2], [3, 4]])
print(np.pad(a, 1, mode="reflect"), np.pad(a, ((0, 1), (0, 0)), constant_values=9), np.rot90(a))
result = np.roll(a, 1, axis=1), np.tile(a, 2), np.block([[a, a * 0]]), np.insert(a, 1, 7, axis=0)
""",
    ),
    (
        "numpy signal windows",
        """import numpy as np
print(np.hanning(5).round(6), np.kaiser(4, 2).round(6), np.convolve([1, 2, 3], [0, 1, 0.5], "same"))
result = (np.interp(2.5, [1, 2, 3], [3, 2, 0]), np.gradient([1, 2, 4]), np.trapezoid([1, 2, 3]),
    np.unwrap([0, 6]))
""",
    ),
    (
        "numpy emath dtypes",
        """import numpy as np
print(np.emath.sqrt(-4), np.emath.log2(-2), np.iinfo("int16"), np.finfo("float32").eps)
print(np.promote_types("i4", "f4"), np.can_cast("f8", "f4"), np.result_type(1, np.int8), np.i0(1.0))
result = (np.float16(1) / 3, np.uint8(200) // 3, np.longdouble(1).dtype.kind,
    np.dtype([("a", ">i2")]))
""",
    ),
    (
        "numpy errstate warnings",
        """import numpy as np
with np.errstate(divide="raise"):
    try: np.array([1.0]) / 0
    except FloatingPointError as error: print(error)
result = np.nan_to_num(np.array([np.inf, np.nan])), np.geterr()
""",
    ),
    (
        "numpy mixins subclass",
        """import numpy as np
class Unit(np.lib.mixins.NDArrayOperatorsMixin):
    def __init__(self, v): self.v = np.asarray(v)
    def __array_ufunc__(self, ufunc, method, *args, **kw):
        return Unit(getattr(ufunc, method)(*(getattr(a, "v", a) for a in args), **kw))
result = (Unit([1, 2]) * 3 - 1).v, np.lib.NumpyVersion("2.4.0") > "1.26.0", np.matrix([[1, 2]]).H
""",
    ),
    (
        "numpy typing f2py",
        """import typing
import numpy as np
import numpy.typing as npt
result = (typing.get_args(npt.NDArray[np.int8])[1], typing.get_origin(npt.ArrayLike),
    np.lib.introspect.__name__)
""",
    ),
]
