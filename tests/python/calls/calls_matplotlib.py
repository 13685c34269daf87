"""Typical calls of Matplotlib; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "matplotlib plot png",
        """import io, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
lines = plt.plot([1, 3, 2], "o--", label="a"); plt.legend(loc="upper left"); plt.xlabel("x")
plt.savefig(buffer := io.BytesIO(), format="png", dpi=50)
result = buffer.getvalue()[:4], len(buffer.getvalue()) > 1000, plt.xlim(), len(lines); plt.close()
""",
    ),
    (
        "matplotlib bar svg",
        """import io
from matplotlib.figure import Figure
axes = (figure := Figure()).subplots()
axes.bar_label(axes.bar(["a", "b"], [1, 2], yerr=[0.1, 0.2], hatch="//"), fmt="%.1f")
figure.savefig(buffer := io.StringIO(), format="svg", metadata={"Date": None})
result = buffer.getvalue()[:38], len(buffer.getvalue()) > 1000, len(axes.patches), len(axes.texts)
""",
    ),
    (
        "matplotlib scatter pdf",
        """import io
from matplotlib.figure import Figure
axes = (figure := Figure()).subplots()
dots = axes.scatter([1, 2, 3], [3, 1, 2], c=[1, 5, 9], s=[1, 2, 3], cmap="viridis", marker="^")
figure.colorbar(dots, label="c"); figure.savefig(buffer := io.BytesIO(), format="pdf")
result = buffer.getvalue()[:5], len(buffer.getvalue()) > 1000, len(figure.axes)
""",
    ),
    (
        "matplotlib eps",
        r"""import io
from matplotlib.figure import Figure
axes = (figure := Figure()).subplots()
axes.fill_between([0, 1, 2], [0, 1, 0], alpha=1, step="mid"); axes.text(1, 0.5, r"$\alpha$")
figure.savefig(buffer := io.BytesIO(), format="eps")
result = buffer.getvalue()[:4], len(buffer.getvalue()) > 1000
""",
    ),
    (
        "matplotlib hist boxplot violin",
        """import numpy as np
from matplotlib.figure import Figure
axes, data = Figure().subplots(2, 2).flat, np.random.default_rng(0).normal(size=60)
print(axes[0].hist(data, bins=5)[0], len(axes[1].boxplot([data, data + 1], notch=True)["fliers"]))
result = (len(axes[2].violinplot(data)["bodies"]),
    axes[3].hexbin(data, data, gridsize=5).get_array().sum())
""",
    ),
    (
        "matplotlib contour",
        """import numpy as np
from matplotlib.figure import Figure
x, y = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
axes = (figure := Figure()).subplots()
lines = axes.contour(x, y, x**2 + y**2, levels=[0.25, 1]); labels = lines.clabel()
axes.contourf(x, y, x * y); axes.tricontour([0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 2, 3])
result = lines.levels, len(labels), len(axes.collections), [len(path) for path in lines.get_paths()]
""",
    ),
    (
        "matplotlib 3d",
        """import io, numpy as np
from matplotlib.figure import Figure
axes = (figure := Figure()).add_subplot(projection="3d")
x, y = np.meshgrid([0, 1, 2], [0, 1, 2]); axes.plot_surface(x, y, x * y); axes.view_init(30, 45)
axes.scatter([0], [1], [2]); figure.savefig(buffer := io.BytesIO())
result = axes.name, len(axes.collections), axes.get_proj().shape, len(buffer.getvalue()) > 1000
""",
    ),
    (
        "matplotlib polar pie stem",
        """import io
from matplotlib.figure import Figure
polar = (figure := Figure()).add_subplot(131, projection="polar"); polar.plot([0, 1], [1, 2])
wedges, *_ = (pie := figure.add_subplot(132)).pie([1, 2], labels=["a", "b"], autopct="%d%%")
geo = figure.add_subplot(133, projection="mollweide"); geo.grid(True); geo.stem([0, 1], [0, 1])
figure.savefig(buffer := io.BytesIO())
result = polar.get_theta_direction(), [w.theta2 for w in wedges], len(buffer.getvalue()) > 1000
""",
    ),
    (
        "matplotlib colormaps colors",
        """import matplotlib as mpl
from matplotlib import colors
print(mpl.colormaps["magma"](0.5), mpl.colormaps["tab10"].resampled(3)(1), colors.to_hex("C1"))
print(colors.LogNorm(1, 100)(10), colors.TwoSlopeNorm(0, -1, 4)(2), colors.to_rgba("xkcd:sky blue"))
result = (colors.LinearSegmentedColormap.from_list("m", ["red", "#00f"])(0.5),
    "viridis_r" in mpl.colormaps)
""",
    ),
    (
        "matplotlib dates",
        """import datetime as dt
from matplotlib import dates, figure
axes = figure.Figure().subplots(); axes.plot([dt.date(2024, 1, 1), dt.date(2024, 6, 1)], [1, 2])
axes.xaxis.set_major_locator(dates.MonthLocator())
axes.xaxis.set_major_formatter(dates.DateFormatter("%b %Y")); axes.figure.canvas.draw()
result = [label.get_text() for label in axes.get_xticklabels()], dates.num2date(1.5)
""",
    ),
    (
        "matplotlib ticker",
        """from matplotlib import ticker
print(ticker.MaxNLocator(5).tick_values(0, 93), ticker.LogLocator().tick_values(1, 1e4))
print(ticker.EngFormatter("Hz").format_eng(12300), ticker.PercentFormatter(1).format_pct(0.25, 1),
    ticker.FuncFormatter(lambda v, i: v * 2)(3))
result = ticker.FormatStrFormatter("%.1e")(12345), ticker.MultipleLocator(0.5).tick_values(0, 1)
""",
    ),
    (
        "matplotlib mathtext",
        r"""from matplotlib import font_manager, mathtext, textpath
parser = mathtext.MathTextParser("path")
box = parser.parse(r"$\frac{a^2}{\sqrt{b_i}} \sum_{i=0}^\infty \mathcal{L}$", dpi=72)
path = textpath.TextPath((0, 0), r"$\int x$", size=12)
font = font_manager.findfont("DejaVu Serif:bold").rsplit("/", 1)[1]
result = box.width > 20, len(box.glyphs), len(path.vertices) > 20, font
""",
    ),
    (
        "matplotlib patches path",
        """from matplotlib import patches, transforms
from matplotlib.path import Path
print(patches.Circle((0, 0), 2).get_extents(), patches.FancyArrowPatch((0, 0), (1, 1)),
    patches.Arc((0, 0), 1, 1))
print(Path.unit_regular_polygon(5).contains_point((0.1, 0.1)),
    patches.FancyBboxPatch((0, 0), 1, 1, "round"))
result = transforms.Affine2D().rotate_deg(90).translate(1, 0).transform([(1, 0)]).round(6)
""",
    ),
    (
        "matplotlib image style",
        """import io
from matplotlib import figure, image, style
with style.context(["ggplot", "dark_background"]):
    axes = (chart := figure.Figure(figsize=(1, 1), dpi=20)).subplots()
    axes.imshow([[0, 1], [1, 0]], interpolation="bicubic"); chart.savefig(out := io.BytesIO())
out.seek(0)
result = image.imread(out).shape, "seaborn-v0_8" in style.available, chart.get_facecolor()
""",
    ),
    (
        "matplotlib layout table quiver",
        """import io, numpy as np
from matplotlib.figure import Figure
from mpl_toolkits.axes_grid1 import make_axes_locatable
axes = (figure := Figure(layout="constrained")).subplot_mosaic("AB;CC")
axes["A"].quiver([0, 1], [0, 1], [1, 0], [0, 1]); axes["A"].twinx(); axes["B"].table([["1", "2"]])
make_axes_locatable(axes["C"]).append_axes("right", "5%")
axes["C"].streamplot(np.arange(3), np.arange(3), np.ones((3, 3)), np.ones((3, 3)))
figure.savefig(buffer := io.BytesIO(), format="jpeg"); result = sorted(axes), buffer.getvalue()[:3]
""",
    ),
]
