"""Typical calls of pandas; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "pandas read_csv",
        r"""import io
import pandas as pd
text = "day;n;x\n2024-01-02;1;1,5\n2024-01-03;;2,5\n"
frame = pd.read_csv(io.StringIO(text), sep=";", decimal=",", parse_dates=["day"])
result = frame, frame.dtypes
""",
    ),
    (
        "pandas read_csv python engine",
        r"""import io
import pandas as pd
text = "a  |b\n1 | 2\n3|4\ntotal|6\n"
result = pd.read_csv(io.StringIO(text), sep=r"\s*\|\s*", engine="python", skipfooter=1)
""",
    ),
    (
        "pandas read_fwf",
        r"""import io
import pandas as pd
text = "id   name   price\n1    apple   1.25\n22   pear   10.50\n"
result = pd.read_fwf(io.StringIO(text), widths=[5, 7, 6]).to_dict("records")
""",
    ),
    (
        "pandas to_csv gzip",
        r"""import pandas as pd
frame = pd.DataFrame({"a": [1.23456, None], "b": ["x, y", 'q"']})
frame.to_csv("/tmp/calls-frame.csv.gz", index=False, float_format="%.2f", na_rep="-")
result = pd.read_csv("/tmp/calls-frame.csv.gz"), frame.to_csv(sep="\t", quoting=2)
""",
    ),
    (
        "pandas to_json read_json",
        """import io
import pandas as pd
frame = pd.DataFrame({"a": [1, 2], "t": pd.to_datetime(["2024-01-01", "2024-02-01"])})
text = frame.to_json(orient="table", index=False, date_unit="s")
result = text, pd.read_json(io.StringIO(text), orient="table").dtypes
""",
    ),
    (
        "pandas json_normalize",
        """import pandas as pd
rows = [{"id": 1, "at": {"x": 1, "y": {"z": 2}}, "tags": [{"t": "a"}, {"t": "b"}]}]
result = pd.json_normalize(rows, sep="_"), pd.json_normalize(rows, "tags", ["id", ["at", "x"]])
""",
    ),
    (
        "pandas to_html",
        """import pandas as pd
frame = pd.DataFrame({"a": [1.5, 2], "b": ["<x>", None]}, index=["r", "s"])
print(frame.to_html(border=0, classes="table", justify="left", float_format="{:.1f}".format))
result = frame._repr_html_()
""",
    ),
    (
        "pandas to_xml",
        """import io
import pandas as pd
frame = pd.DataFrame({"name": ["a", "b"], "size": [1, 2]})
text = frame.to_xml(parser="etree", index=False, row_name="item")
result = text, pd.read_xml(io.StringIO(text), parser="etree")
""",
    ),
    (
        "pandas to_sql sqlite",
        """import sqlite3
import pandas as pd
base = sqlite3.connect(":memory:")
pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]}).to_sql("t", base, index=False)
result = pd.read_sql_query("select k, sum(v) as s from t group by k order by k", base)
""",
    ),
    (
        "pandas pickle",
        """import pandas as pd
frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": pd.array([1, None], dtype="Int64")})
frame.to_pickle("/tmp/calls-frame.pkl.xz")
again = pd.read_pickle("/tmp/calls-frame.pkl.xz")
result = again, again.dtypes, again.equals(frame)
""",
    ),
    (
        "pandas groupby agg",
        """import pandas as pd
frame = pd.DataFrame({"k": list("abab"), "n": [1, 2, 3, 4], "x": [0.5, 1.5, 2.5, 3.5]})
grouped = frame.groupby("k")
print(grouped.agg(total=("n", "sum"), spread=("x", "std"), last=("x", "last")))
result = grouped["n"].transform("cumsum"), grouped.rank(), grouped.filter(lambda g: g.n.sum() > 4)
""",
    ),
    (
        "pandas groupby apply Grouper",
        """import pandas as pd
index = pd.date_range("2024-01-30", periods=6, freq="12h")
frame = pd.DataFrame({"k": list("aabbab"), "x": range(6)}, index=index)
print(frame.groupby([pd.Grouper(freq="D"), "k"]).x.sum().unstack(fill_value=0))
result = frame.groupby("k").apply(lambda g: g.x.max() - g.x.min(), include_groups=False)
""",
    ),
    (
        "pandas merge",
        """import pandas as pd
left = pd.DataFrame({"k": ["a", "b", "c"], "x": [1, 2, 3]})
right = pd.DataFrame({"k": ["b", "c", "d"], "x": [4, 5, 6]})
result = left.merge(right, on="k", how="outer", suffixes=("_l", "_r"), indicator=True)
""",
    ),
    (
        "pandas merge_asof merge_ordered",
        """import pandas as pd
trades = pd.DataFrame({"t": [1, 5, 10], "p": [1.0, 2.0, 3.0]})
quotes = pd.DataFrame({"t": [2, 3, 7], "q": [20, 30, 70]})
print(pd.merge_asof(trades, quotes, on="t", direction="nearest", tolerance=2))
result = pd.merge_ordered(trades, quotes, on="t", fill_method="ffill")
""",
    ),
    (
        "pandas pivot_table",
        """import pandas as pd
frame = pd.DataFrame({"r": list("xxyy"), "c": list("abab"), "v": [1, 2, 3, 4]})
table = pd.pivot_table(frame, values="v", index="r", columns="c", aggfunc="sum", margins=True)
result = table, pd.crosstab(frame.r, frame.c, normalize="index")
""",
    ),
    (
        "pandas melt stack wide_to_long",
        r"""import pandas as pd
wide = pd.DataFrame({"id": [1, 2], "h2020": [5, 6], "h2021": [7, 8]})
print(wide.melt(id_vars="id", var_name="year"), wide.set_index("id").stack(), sep="\n")
result = pd.wide_to_long(wide, "h", i="id", j="year").sort_index()
""",
    ),
    (
        "pandas resample",
        """import pandas as pd
series = pd.Series(range(10), index=pd.date_range("2024-01-01", periods=10, freq="8h"))
print(series.resample("D").ohlc())
result = series.resample("4h").interpolate().head(5), series.asfreq("2h", method="ffill").sum()
""",
    ),
    (
        "pandas rolling expanding ewm",
        """import pandas as pd
series = pd.Series([1.0, 4.0, 2.0, 8.0, 5.0])
print(series.rolling(3, min_periods=1).median(), series.rolling(2).apply(lambda w: w.prod()))
print(series.rolling(3, win_type="triang").mean())
result = series.expanding().std().round(6), series.ewm(span=3).mean().round(6)
""",
    ),
    (
        "pandas rolling indexer",
        """import pandas as pd
series = pd.Series([1.0, 2.0, 3.0, 4.0])
window = pd.api.indexers.FixedForwardWindowIndexer(window_size=2)
result = series.rolling(window).sum(), series.rolling(3, center=True).quantile(0.25)
""",
    ),
    (
        "pandas Categorical",
        r"""import pandas as pd
sizes = pd.CategoricalDtype(["S", "M", "L"], ordered=True)
series = pd.Series(["M", "S", "L", "M"], dtype=sizes)
print(series.sort_values(), series.cat.codes.tolist(), series.max(), series > "S", sep="\n")
result = series.cat.rename_categories(str.lower).cat.add_categories("xl").value_counts()
""",
    ),
    (
        "pandas Interval",
        """import pandas as pd
index = pd.interval_range(0, 6, periods=3, closed="left")
print(pd.Interval(1, 3).overlaps(pd.Interval(2, 5)), index.get_indexer([0, 5, 6]))
result = pd.Series([1, 2, 3], index=index)[2.5], index.mid, index.to_tuples()
""",
    ),
    (
        "pandas MultiIndex",
        """import pandas as pd
index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["k", "n"])
frame = pd.DataFrame({"x": [1, 2, 3, 4]}, index=index)
print(frame.xs(2, level="n"), frame.loc[pd.IndexSlice[:, 1], :], frame.swaplevel().sort_index())
result = frame.unstack("k"), index.get_level_values(0), frame.groupby(level="k").sum()
""",
    ),
    (
        "pandas str accessor",
        r"""import pandas as pd
series = pd.Series(["Ann 12", "bob 7", None])
print(series.str.extract(r"(?P<name>\w+) (?P<n>\d+)"), series.str.get_dummies(" "))
print(series.str.pad(8, "both", "*"), series.str.normalize("NFKD").str.translate({110: "N"}))
result = series.str.title().str.split(expand=True), series.str.contains("b", case=False, na=False)
""",
    ),
    (
        "pandas dt accessor",
        """import pandas as pd
series = pd.Series(pd.to_datetime(["2024-02-28 13:45", "2024-12-31 23:59:59.5"], format="ISO8601"))
print(series.dt.day_name(), series.dt.isocalendar(), series.dt.is_leap_year)
result = series.dt.ceil("h"), series.dt.strftime("%d %b %y"), series.dt.to_period("Q")
""",
    ),
    (
        "pandas Timedelta",
        """import pandas as pd
delta = pd.Timedelta("1 days 2 hours") / 4
print(delta, delta.isoformat(), delta.components, delta.total_seconds())
result = (pd.to_timedelta(["1h", "90min", "2 days"]),
    pd.timedelta_range("1h", periods=3, freq="30min"))
""",
    ),
    (
        "pandas period_range",
        """import pandas as pd
index = pd.period_range("2023Q3", periods=4, freq="Q-NOV")
print(index, index.to_timestamp(how="end"), index.asfreq("M", "start"))
result = (pd.Period("2024-03", "M") - pd.Period("2023-12", "M"),
    pd.Period("2024-03-04/2024-03-10").day)
""",
    ),
    (
        "pandas offsets holidays",
        """import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar
days = USFederalHolidayCalendar().holidays("2024-01-01", "2024-12-31")
business = pd.offsets.CustomBusinessDay(calendar=USFederalHolidayCalendar())
result = days, pd.Timestamp("2024-07-03") + business, pd.bdate_range("2024-05-30", periods=3)
""",
    ),
    (
        "pandas time zones",
        """import pandas as pd
import pytz
index = pd.date_range("2024-03-30 12:00", periods=3, freq="D", tz=pytz.timezone("Europe/Berlin"))
print(index, index.tz_convert("UTC"))
result = pd.Timestamp("2024-01-01T10:00+02:00").tz_convert(None), index.tz_localize(None)
""",
    ),
    (
        "pandas eval query",
        r"""import pandas as pd
frame = pd.DataFrame({"a": [1, 2, 3], "b c": [4.0, 5.0, 6.0]})
low = 2
print(frame.query("a >= @low and `b c` < 6"), pd.eval("frame.a * 2 + 1"))
result = frame.eval("d = a ** 2 + sin(`b c`) \n e = d > a").round(4)
""",
    ),
    (
        "pandas get_dummies",
        """import pandas as pd
frame = pd.DataFrame({"c": ["r", "g", None], "n": [1, 2, 3]})
dummies = pd.get_dummies(frame, dummy_na=True, dtype=int)
result = dummies, pd.from_dummies(dummies[["c_g", "c_r"]], default_category="none")
""",
    ),
    (
        "pandas cut qcut",
        """import pandas as pd
ages = pd.Series([3, 17, 18, 40, 64, 90])
print(pd.cut(ages, [0, 17, 64, 120], labels=["young", "adult", "old"]))
result = pd.qcut(ages, 3), pd.cut(ages, 3, precision=1, retbins=True)[1]
""",
    ),
    (
        "pandas describe",
        """import pandas as pd
frame = pd.DataFrame({"n": [1, 2, 3], "s": ["a", "b", "a"],
    "t": pd.to_datetime([0, 1, 2], unit="D")})
frame.info(memory_usage=False)
result = frame.describe(include="all"), frame.n.describe(percentiles=[0.1, 0.9])
""",
    ),
    (
        "pandas corr cov",
        """import numpy as np
import pandas as pd
frame = pd.DataFrame(np.random.default_rng(1).normal(size=(20, 3)), columns=list("abc"))
print(frame.corr().round(6), frame.corr("spearman").round(6), frame.corr("kendall").round(6))
result = frame.cov().round(6), frame.skew().round(6), frame.kurt().round(6), frame.sem().round(6)
""",
    ),
    (
        "pandas interpolate",
        """import pandas as pd
series = pd.Series([0.0, None, None, 9.0, None], index=[0, 1, 2, 3, 4])
print(series.interpolate(), series.interpolate("nearest"), series.bfill(limit=1))
result = pd.Series([0.0, 2, None, 9, 3]).interpolate("quadratic").round(6)
""",
    ),
    (
        "pandas concat combine_first",
        """import pandas as pd
a = pd.DataFrame({"x": [1, None]}, index=["i", "j"])
b = pd.DataFrame({"x": [9, 8], "y": [7, 6]}, index=["j", "k"])
print(pd.concat([a, b], keys=["a", "b"], names=["src"]), pd.concat([a, b], axis=1, join="inner"))
result = a.combine_first(b), a.compare(a.fillna(0)), a.join(b, rsuffix="_b")
""",
    ),
    (
        "pandas explode nlargest",
        """import pandas as pd
frame = pd.DataFrame({"k": ["a", "b"], "v": [[1, 2], []]})
print(frame.explode("v", ignore_index=True))
result = pd.Series([3, 9, 5], index=list("xyz")).nlargest(2), frame.assign(n=frame.v.str.len())
""",
    ),
    (
        "pandas nullable arrays",
        r"""import pandas as pd
frame = pd.DataFrame({"i": [1, None], "b": [True, None], "s": ["x", None]}).convert_dtypes()
print(frame.dtypes, frame.i + 1, frame.b & False, sep="\n")
result = pd.array([0.5, None], dtype="Float32"), frame.isna().sum(), frame.i.sum(skipna=False)
""",
    ),
    (
        "pandas sparse",
        """import pandas as pd
series = pd.Series([0, 0, 1, 2], dtype=pd.SparseDtype("int64", 0))
frame = pd.DataFrame.sparse.from_spmatrix(pd.DataFrame({"a": series}).sparse.to_coo())
result = series.sparse.density, series.sparse.sp_values, frame, (series * 2).dtype
""",
    ),
    (
        "pandas options",
        """import pandas as pd
frame = pd.DataFrame({"x": [1234567.891, 0.5], "y": ["a" * 40, "b"]})
with pd.option_context("display.precision", 1, "display.max_colwidth", 10):
    print(frame)
with pd.option_context("display.float_format", "{:,.2f}".format):
    result = repr(frame), pd.get_option("display.max_rows")
""",
    ),
    (
        "pandas to_string to_records",
        """import pandas as pd
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
print(frame.to_string(index=False, header=["A", "B"]), frame.to_dict("split"))
result = frame.to_records(index=False), frame.T, frame.to_numpy()
""",
    ),
    (
        "pandas testing",
        """import pandas as pd
a = pd.DataFrame({"x": [1.0, 2.0]})
pd.testing.assert_frame_equal(a, a + 1e-9)
try:
    pd.testing.assert_series_equal(a.x, a.x + 1)
except AssertionError as error:
    result = str(error)
""",
    ),
    (
        "pandas extension accessor",
        """import pandas as pd
@pd.api.extensions.register_series_accessor("twice")
class Twice:
    def __init__(self, series): self.series = series
    def get(self): return self.series * 2
result = (pd.Series([1, 2]).twice.get(), pd.api.types.is_list_like("ab"),
    pd.api.types.infer_dtype([1, "a"]))
""",
    ),
    (
        "pandas interchange hashing",
        """import pandas as pd
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
print(pd.util.hash_pandas_object(frame), pd.factorize(frame.b), pd.unique(frame.b))
result = frame.map(str).where(frame.a > 1, "-"), frame.idxmax(numeric_only=True)
""",
    ),
    (
        "pandas plot",
        """import matplotlib
matplotlib.use("agg")
import pandas as pd
axes = pd.DataFrame({"a": [1, 3, 2], "b": [2, 1, 4]}).plot(kind="bar", stacked=True, title="t")
result = len(axes.patches), axes.get_title(), [t.get_text() for t in axes.get_legend().get_texts()]
axes.figure.clear()
""",
    ),
    (
        "pandas errors",
        r"""import io
import pandas as pd
for bad in (lambda: pd.read_csv(io.StringIO("a,b\n1,2\n1,2,3\n")), lambda: pd.to_datetime("x")):
    try: bad()
    except ValueError as error: print(type(error).__name__, error)
result = pd.to_numeric(pd.Series(["1", "x"]), errors="coerce"), pd.errors.MergeError.__mro__[1]
""",
    ),
]
