"""Typical calls of scikit-learn; see run_calls.py."""

CALLS: list[tuple[str, str]] = [
    (
        "sklearn LinearRegression",
        """from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
x, y = load_diabetes(return_X_y=True)
model = LinearRegression().fit(x, y)
result = model, model.coef_.round(4), round(model.score(x, y), 6)
""",
    ),
    (
        "sklearn LogisticRegression",
        """from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
x, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=500).fit(x, y)
result = round(model.score(x, y), 4), model.feature_names_in_, model.predict_proba(x[:2]).round(4)
""",
    ),
    (
        "sklearn linear_model regularised",
        """from sklearn import linear_model
from sklearn.datasets import make_regression
x, y = make_regression(40, 5, n_informative=2, random_state=0)
for name in ("Ridge", "Lasso", "ElasticNet", "BayesianRidge", "HuberRegressor", "Lars"):
    print(name, getattr(linear_model, name)().fit(x, y).coef_.round(2))
result = linear_model.SGDRegressor(random_state=0).fit(x, y).n_iter_
""",
    ),
    (
        "sklearn tree",
        """from sklearn.datasets import load_wine
from sklearn.tree import DecisionTreeClassifier, export_graphviz, export_text
wine = load_wine()
model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(wine.data, wine.target)
print(export_text(model, feature_names=wine.feature_names))
result = export_graphviz(model), model.get_n_leaves(), model.feature_importances_.round(4)
""",
    ),
    (
        "sklearn RandomForest",
        """from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
x, y = load_breast_cancer(return_X_y=True)
model = RandomForestClassifier(10, random_state=0, oob_score=False).fit(x, y)
result = (round(model.score(x, y), 4), ExtraTreesClassifier(5, random_state=0).fit(x,
    y).predict(x[:5]))
""",
    ),
    (
        "sklearn boosting",
        """from sklearn.datasets import make_hastie_10_2
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier
x, y = make_hastie_10_2(200, random_state=0)
boost = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(x, y)
result = (round(boost.score(x, y), 4), AdaBoostClassifier(n_estimators=5, random_state=0).fit(x,
    y).score(x, y))
""",
    ),
    (
        "sklearn HistGradientBoosting",
        """from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
x, y = make_friedman1(100, random_state=0)
model = HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(x, y)
result = round(model.score(x, y), 4), model.predict(x[:3]).round(4)
""",
    ),
    (
        "sklearn svm",
        """from sklearn.datasets import make_moons
from sklearn.svm import SVC, LinearSVC, OneClassSVM
x, y = make_moons(60, noise=0.1, random_state=0)
model = SVC(kernel="rbf", C=10).fit(x, y)
result = (model.n_support_, model.score(x, y), LinearSVC(random_state=0).fit(x, y).coef_.round(3),
    OneClassSVM().fit(x).predict(x[:4]))
""",
    ),
    (
        "sklearn neighbors",
        """from sklearn.datasets import load_iris
from sklearn.neighbors import KDTree, KernelDensity, KNeighborsClassifier, LocalOutlierFactor
x, y = load_iris(return_X_y=True)
print(KNeighborsClassifier(3).fit(x, y).score(x, y), KDTree(x).query(x[:2], k=2)[1])
result = (KernelDensity().fit(x).score_samples(x[:2]).round(6),
    LocalOutlierFactor().fit_predict(x).sum())
""",
    ),
    (
        "sklearn naive_bayes text",
        """from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
texts, labels = ["good film", "great film", "bad plot", "awful bad film"], [1, 1, 0, 0]
model = make_pipeline(TfidfVectorizer(stop_words="english", ngram_range=(1, 2)), MultinomialNB())
result = model.fit(texts, labels).predict(["a great plot"]), model[0].get_feature_names_out(), model
""",
    ),
    (
        "sklearn feature_extraction",
        """from sklearn.feature_extraction import DictVectorizer, FeatureHasher, image
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
print(DictVectorizer(sparse=False).fit_transform([{"a": "x", "n": 1}, {"a": "y", "n": 2}]))
print(CountVectorizer(analyzer="char_wb").fit(["ab a"]).get_feature_names_out())
print(HashingVectorizer(n_features=4).transform(["a b"]).toarray().round(4))
result = FeatureHasher(4).transform([{"q": 2}]).toarray(), image.grid_to_graph(2, 2).nnz
""",
    ),
    (
        "sklearn preprocessing",
        """from sklearn import preprocessing as p
x = [[1.0, -1.0], [2.0, 0.0], [4.0, 5.0]]
for kind in (p.StandardScaler, p.MinMaxScaler, p.RobustScaler, p.PowerTransformer, p.Normalizer):
    print(kind.__name__, kind().fit_transform(x).round(4).tolist())
print(p.PolynomialFeatures(2).fit(x).get_feature_names_out(), p.binarize(x))
result = p.SplineTransformer(3).fit_transform(x).shape, p.KBinsDiscretizer(2).fit(x).n_bins_
""",
    ),
    (
        "sklearn preprocessing encoders",
        """from sklearn import preprocessing as p
x = [["r", 1], ["g", 2], ["r", 3]]
print(p.OneHotEncoder(sparse_output=False).fit_transform(x), p.OrdinalEncoder().fit_transform(x))
print(p.LabelEncoder().fit_transform(["b", "a"]),
    p.MultiLabelBinarizer().fit_transform([{1, 2}, {3}]))
result = p.TargetEncoder(cv=2, random_state=0).fit_transform([["a"], ["b"]] * 4,
    [0, 1] * 4).round(4).ravel()
""",
    ),
    (
        "sklearn ColumnTransformer",
        """import pandas as pd
from sklearn import compose, preprocessing as p
x = pd.DataFrame({"n": [1.0, 2.0, 3.0], "c": ["a", "b", "a"]})
encode = p.OneHotEncoder(sparse_output=False), compose.make_column_selector("c")
model = compose.make_column_transformer((p.StandardScaler(), ["n"]), encode)
result = model.set_output(transform="pandas").fit_transform(x), len(model._repr_html_()) > 1000
""",
    ),
    (
        "sklearn impute",
        """import numpy as np
from sklearn.experimental import enable_iterative_imputer
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
x = np.array([[1, 2], [np.nan, 3], [7, 6], [4, np.nan]])
print(SimpleImputer(strategy="median").fit_transform(x), KNNImputer(n_neighbors=1).fit_transform(x))
result = (IterativeImputer(random_state=0).fit_transform(x).round(4),
    MissingIndicator().fit_transform(x))
""",
    ),
    (
        "sklearn metrics classification",
        """from sklearn import metrics as m
y, p, s = [0, 1, 1, 0, 1], [0, 1, 0, 0, 1], [0.1, 0.9, 0.4, 0.35, 0.8]
print(m.classification_report(y, p, target_names=["no", "yes"]), m.confusion_matrix(y, p))
print(m.roc_auc_score(y, s), m.roc_curve(y, s)[1], m.average_precision_score(y, s),
    m.log_loss(y, s))
result = (m.f1_score(y, p), m.matthews_corrcoef(y, p), m.cohen_kappa_score(y, p),
    m.brier_score_loss(y, s), m.get_scorer("accuracy"))
""",
    ),
    (
        "sklearn metrics regression pairwise",
        """from sklearn import metrics as m
y, p, x = [3.0, -0.5, 2.0], [2.5, 0.0, 2.0], [[0.0, 1.0], [1.0, 0.0], [5.0, 5.0]]
print(m.mean_squared_error(y, p), m.r2_score(y, p), m.mean_absolute_percentage_error(y, p))
print(m.pairwise.cosine_similarity(x).round(6), m.pairwise_distances(x, metric="manhattan"))
result = (m.adjusted_rand_score([0, 0, 1], [1, 1, 0]), m.silhouette_score(x, [0, 0, 1]),
    m.pairwise.rbf_kernel(x).round(6))
""",
    ),
    (
        "sklearn model_selection",
        """from sklearn.datasets import load_iris
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
x, y = load_iris(return_X_y=True)
print(cross_val_score(RidgeClassifier(), x, y, cv=StratifiedKFold(3, shuffle=True, random_state=0)))
result = (GridSearchCV(RidgeClassifier(), {"alpha": [0.1, 10]}, cv=3).fit(x, y).best_params_,
    train_test_split(range(9), random_state=1))
""",
    ),
    (
        "sklearn model_selection halving",
        """from sklearn.datasets import make_classification
from sklearn.experimental import enable_halving_search_cv
from sklearn.model_selection import HalvingGridSearchCV, TimeSeriesSplit, learning_curve
from sklearn.neighbors import NearestCentroid
x, y = make_classification(120, random_state=0)
search = HalvingGridSearchCV(NearestCentroid(), {"shrink_threshold": [None, 0.5]}, random_state=0)
print(search.fit(x, y).best_params_, learning_curve(NearestCentroid(), x, y, cv=2)[0])
result = [test.tolist() for _, test in TimeSeriesSplit(2).split(range(6))]
""",
    ),
    (
        "sklearn decomposition",
        """from sklearn import decomposition as d
from sklearn.datasets import load_digits
x = load_digits().data[:100]
print(d.PCA(3).fit(x).explained_variance_ratio_.round(4), d.NMF(2, init="nndsvda").fit(x).n_iter_)
print(d.LatentDirichletAllocation(2, random_state=0).fit_transform(x)[:2].round(3))
print(abs(d.TruncatedSVD(2, random_state=0).fit(x).singular_values_).round(2))
result = d.FactorAnalysis(2).fit(x).noise_variance_[:5].round(3), d.FastICA(2).fit(x[:, 18:21])
""",
    ),
    (
        "sklearn cluster",
        """from sklearn import cluster as c
from sklearn.datasets import make_blobs
x, _ = make_blobs(40, centers=3, random_state=4)
models = c.KMeans(3, random_state=0), c.DBSCAN(1.5), c.Birch(n_clusters=3), c.HDBSCAN(copy=True)
for model in (*models, c.AgglomerativeClustering(3), c.OPTICS()):
    print(type(model).__name__, getattr(model.fit(x), "labels_", None))
result = (c.MeanShift().fit(x).cluster_centers_.round(4),
    c.AffinityPropagation(random_state=0).fit(x).n_iter_)
""",
    ),
    (
        "sklearn manifold mixture",
        """from sklearn import manifold, mixture
from sklearn.datasets import make_swiss_roll
x, _ = make_swiss_roll(80, random_state=0)
print(manifold.trustworthiness(x, manifold.Isomap(n_neighbors=8).fit_transform(x)) > 0.8)
print(mixture.BayesianGaussianMixture(n_components=2, random_state=0).fit(x).converged_)
result = mixture.GaussianMixture(2, random_state=0).fit(x).weights_.round(4)
""",
    ),
    (
        "sklearn neural_network gaussian_process",
        """from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.neural_network import MLPClassifier
print(MLPClassifier((4,), solver="lbfgs", random_state=1).fit([[0, 0], [1, 1]],
    [0, 1]).predict([[2, 2]]))
result = GaussianProcessRegressor(RBF() + WhiteKernel(), optimizer=None).fit([[0], [1]],
    [0, 1]).predict([[0.5]], return_std=True)[0].round(6)
""",
    ),
    (
        "sklearn feature_selection inspection",
        """from sklearn import feature_selection as s, inspection
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
x, y = load_iris(return_X_y=True)
model = LinearDiscriminantAnalysis().fit(x, y)
print(s.SelectKBest(k=2).fit(x, y).get_support(), s.RFE(model).fit(x, y).ranking_)
print(s.mutual_info_classif(x, y, random_state=0).round(3))
result = inspection.permutation_importance(model, x, y, n_repeats=2, random_state=0).importances
""",
    ),
    (
        "sklearn voting stacking isolation",
        """from sklearn import ensemble, naive_bayes as nb
from sklearn.datasets import load_iris
x, y = load_iris(return_X_y=True)
models = [("g", nb.GaussianNB()), ("b", nb.BernoulliNB())]
for kind in (ensemble.VotingClassifier, ensemble.StackingClassifier):
    print(kind(models).fit(x, y).score(x, y))
result = ensemble.IsolationForest(n_estimators=5, random_state=0).fit_predict(x[:9])
""",
    ),
]
