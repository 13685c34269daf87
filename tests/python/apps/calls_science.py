"""Numerical work with scipy: compiled modules, and documentation that is written at import."""

REQUIRES = ["scipy==1.18.0"]

FILES = {
    "app.py": """from scipy import constants

if __name__ == "__main__":
    print(constants.c)
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "science statistics",
        """import numpy as np
from scipy import stats

rng = np.random.default_rng(3)
a, b = rng.normal(0, 1, 30), rng.normal(0.5, 1, 30)
print(stats.ttest_ind(a, b), stats.ks_2samp(a, b).pvalue.round(6), stats.describe(a))
print(
    stats.gamma(2).ppf([0.1, 0.9]),
    stats.norm.fit(a),
    stats.poisson.pmf([0, 1], 2),
    stats.linregress(a, b),
)
print(
    stats.qmc.Sobol(2, scramble=False).random(4),
    stats.chi2_contingency([[10, 20], [30, 5]]).pvalue,
)
""",
    ),
    (
        "science documentation",
        """import numpy as np
from scipy import optimize, special, stats

print(
    str(stats.gamma.__doc__)[:400],
    str(stats.norm.pdf.__doc__)[:200],
    str(stats.multivariate_normal.__doc__)[:120],
)
print(
    str(special.gamma.__doc__)[:150],
    str(optimize.minimize.__doc__)[:120],
    str(stats.binom.stats.__doc__)[:90],
)
optimize.show_options("root", "krylov")
optimize.show_options("minimize", "bfgs")
print(str(np.__doc__)[:60], str(stats.t.__class__.__doc__)[:70])
""",
    ),
    (
        "science optimisation",
        """import numpy as np
from scipy import optimize as o

for method in ("Nelder-Mead", "BFGS", "L-BFGS-B", "SLSQP", "COBYLA", "trust-constr"):
    print(method, np.round(o.minimize(o.rosen, [1.2, 0.9], method=method).x, 2))
print(
    o.brentq(lambda x: x**3 - 2, 0, 2),
    o.root(lambda x: x**2 - 3, 1.0),
    o.linprog([-1, -2], [[1, 1]], [4]).x,
)
print(
    o.curve_fit(lambda x, a: a * x, [1, 2, 3], [2, 4, 6.1])[0],
    o.linear_sum_assignment([[4, 1], [2, 3]]),
)
print(
    o.milp([-1, -1], constraints=o.LinearConstraint([[2, 1]], ub=3), integrality=[1, 1]).message
)
""",
    ),
    (
        "science errors",
        """import numpy as np, traceback
from scipy import integrate, interpolate, linalg, optimize, sparse, stats

for wrong in (
    lambda: linalg.inv(np.zeros((2, 2))),
    lambda: optimize.brentq(abs, 1, 2),
    lambda: optimize.minimize(abs, 1, method="nothing"),
    lambda: interpolate.CubicSpline([1, 1], [1, 2]),
    lambda: sparse.csr_array([[1]]) @ [1, 2],
    lambda: stats.norm.pdf(),
    lambda: linalg.cholesky([[-1]]),
    lambda: integrate.solve_ivp(abs, (0, 1), [1], method="x"),
    lambda: stats.nothing,
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error, traceback.format_exception_only(error)[-1])
""",
    ),
    (
        "science integrals and equations",
        """import numpy as np
from scipy import integrate as i

print(
    i.quad(np.sin, 0, np.pi),
    i.dblquad(lambda y, x: x * y, 0, 1, 0, 2),
    i.simpson([1, 4, 9], dx=1),
)
for method in ("RK45", "Radau", "BDF", "LSODA"):
    print(method, i.solve_ivp(lambda t, y: -y, (0, 1), [1.0], method=method).y[0, -1].round(3))
print(
    i.solve_bvp(
        lambda x, y: [y[1], -y[0]], lambda a, b: [a[0], b[0] - 1], [0, 1], np.zeros((2, 2))
    ).message
)
print(i.quad_vec(lambda x: np.array([x, x**2]), 0, 1)[0], i.tanhsinh(np.cos, 0, 1).integral)
""",
    ),
    (
        "science matrices",
        """import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import eigsh, spsolve

m = np.array([[4.0, 1], [1, 3]])
print(
    linalg.expm(m * 0.1).round(6),
    linalg.lu(m)[2],
    linalg.svdvals(m),
    linalg.solve_toeplitz([2, 1], [1, 2]),
)
s = sparse.diags_array([np.ones(3), 2 * np.ones(4)], offsets=[1, 0]).tocsr()
print(
    repr(s),
    s,
    spsolve(s.tocsc(), np.ones(4)),
    eigsh(s + s.T, 1, v0=np.ones(4))[0].round(6),
    s.sum(),
)
print(csgraph.dijkstra(s, indices=0), csgraph.connected_components(s), sparse.coo_array(s).coords)
""",
    ),
    (
        "science signals and pictures",
        """import numpy as np
from scipy import fft, ndimage, signal

x = np.sin(np.arange(64) * 0.4)
print(signal.butter(2, 0.3), signal.find_peaks(x)[0], signal.welch(x, nperseg=16)[1][:3].round(6))
print(signal.savgol_filter(x, 5, 2)[:2].round(6), signal.get_window("hann", 4))
print(
    fft.rfft(x)[:2].round(6),
    fft.dct([1.0, 2, 3]),
    fft.next_fast_len(97),
    signal.windows.dpss(4, 1).round(6),
)
spot = np.zeros((7, 7))
spot[2:4, 3:6] = 1
print(
    ndimage.label(spot)[1],
    ndimage.center_of_mass(spot),
    ndimage.rotate(spot, 90).sum(),
    ndimage.sobel(spot)[2],
)
""",
    ),
    (
        "science space and curves",
        """import numpy as np
from scipy import interpolate, spatial
from scipy.cluster import hierarchy, vq

points = np.array([[0, 0], [1, 0], [0, 1], [1, 1.0], [0.4, 0.6]])
print(
    spatial.ConvexHull(points).area,
    spatial.Delaunay(points).simplices.shape,
    spatial.KDTree(points).query([0.5, 0.5]),
)
print(
    spatial.transform.Rotation.from_euler("z", 90, degrees=True).as_quat(),
    spatial.distance.pdist(points[:3], "cosine"),
)
print(
    interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5),
    interpolate.PchipInterpolator([0, 1, 2], [0, 1, 4])(0.5),
)
print(
    interpolate.RBFInterpolator(points, points[:, 0])([[0.5, 0.5]]),
    interpolate.make_interp_spline([0, 1, 2, 3], [0, 1, 4, 9]).t,
)
print(hierarchy.linkage(points, "ward").round(4), vq.kmeans(points, points[:2])[1].round(6))
""",
    ),
    (
        "science files and constants",
        """import io
import numpy as np
from scipy import constants, io as files, datasets
from scipy.io import arff, wavfile

files.savemat(out := io.BytesIO(), {"a": np.eye(2), "b": "text"})
print(files.loadmat(io.BytesIO(out.getvalue()))["a"], files.whosmat(io.BytesIO(out.getvalue())))
wavfile.write(out := io.BytesIO(), 8000, np.arange(9, dtype=np.int16))
out.seek(0)
print(wavfile.read(out))
for wrong in (
    lambda: files.mmwrite(io.BytesIO(), np.eye(2)),
    lambda: files.readsav(io.BytesIO(b"x")),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
print(
    arff.loadarff(io.StringIO("@relation r\\n@attribute a numeric\\n@data\\n1\\n2\\n")),
    constants.find("boltzmann"),
)
print(
    constants.physical_constants["proton mass"],
    constants.convert_temperature(20, "C", "K"),
    str(constants.__doc__)[:80],
)
try:
    datasets.face()
except ImportError as error:
    print(error)
""",
    ),
    (
        "science special functions",
        """import inspect
import numpy as np
from scipy import special as s

print(
    s.gamma(4.5),
    s.jv(1, 2.0),
    s.erfinv(0.3),
    s.zeta(3.0),
    s.comb(50, 3, exact=True),
    s.legendre(3),
)
print(
    s.sph_harm_y(1, 0, 0.3, 0.2),
    s.ellipk(0.5),
    s.roots_hermite(3),
    s.lambertw(1),
    s.airy(0.5),
    s.bernoulli(4),
)
with s.errstate(all="raise"):
    try:
        s.gammaln(-1.0)
    except s.SpecialFunctionError as error:
        print(error)
print(
    inspect.signature(s.softmax),
    s.loggamma.ntypes,
    s.expit(np.float32(1)),
    repr(s.expit),
    s.hyp2f1(1, 2, 3, 0.5),
)
""",
    ),
]
