"""Graphs: networkx, whose functions are dispatched to backends."""

REQUIRES = ["networkx==3.7"]

FILES = {
    "app.py": """import networkx as nx


def town():
    graph = nx.Graph(name="town")
    graph.add_weighted_edges_from(
        [("a", "b", 4), ("a", "c", 1), ("c", "b", 2), ("b", "d", 5), ("c", "d", 8), ("d", "e", 3)]
    )
    return graph


if __name__ == "__main__":
    print(town())
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "graphs paths",
        """import app
import networkx as nx
graph = app.town()
print(nx.dijkstra_path(graph, "a", "e"), nx.shortest_path_length(graph, "a", "e", weight="weight"))
print(dict(nx.all_pairs_bellman_ford_path_length(graph))["a"], nx.floyd_warshall(graph)["e"]["a"])
print(nx.astar_path(graph, "a", "d", weight="weight"), list(nx.all_simple_paths(graph, "a", "d")))
print(nx.diameter(graph), nx.center(graph), list(nx.bfs_edges(graph, "e")), nx.is_weighted(graph))
""",
    ),
    (
        "graphs trees and colours",
        """import app
import networkx as nx
graph = app.town()
print(sorted(nx.minimum_spanning_edges(graph, data=False)), nx.greedy_color(graph, "DSATUR"))
tree = nx.balanced_tree(2, 2)
print(nx.is_tree(tree), nx.to_prufer_sequence(tree))
nx.write_network_text(tree)
print(nx.check_planarity(nx.complete_graph(5))[0], len(nx.max_weight_matching(graph)))
""",
    ),
    (
        "graphs directions and flows",
        """import networkx as nx

graph = nx.DiGraph(
    [
        (1, 2, {"capacity": 3}),
        (1, 3, {"capacity": 2}),
        (2, 4, {"capacity": 2}),
        (3, 4, {"capacity": 3}),
    ]
)
print(nx.maximum_flow(graph, 1, 4), nx.minimum_cut(graph, 1, 4), list(nx.topological_sort(graph)))
print(
    list(nx.strongly_connected_components(graph)),
    nx.dag_longest_path(graph),
    nx.transitive_closure(graph),
)
print(nx.immediate_dominators(graph, 1), nx.flow_hierarchy(graph), nx.min_cost_flow_cost(graph))
""",
    ),
    (
        "graphs files",
        """import io
import app
import networkx as nx

graph = app.town()
print("".join(nx.generate_gml(graph)), list(nx.generate_adjlist(graph)), nx.node_link_data(graph))
nx.write_graphml(nx.path_graph(2), out := io.BytesIO())
print(
    out.getvalue().decode(),
    nx.to_graph6_bytes(nx.petersen_graph()),
    nx.to_sparse6_bytes(nx.star_graph(3)),
)
nx.write_gexf(nx.path_graph(2), out := io.BytesIO(), version="1.2draft")
print(len(out.getvalue()), nx.parse_edgelist(["1 2 {'w': 3}"]).edges(data=True))
print(nx.cytoscape_data(nx.path_graph(2)))
""",
    ),
    (
        "graphs errors",
        """import app
import networkx as nx

graph = app.town()
for wrong in (
    lambda: nx.shortest_path(graph, "a", "x"),
    lambda: nx.find_cycle(nx.path_graph(3)),
    lambda: nx.topological_sort(graph).__next__(),
    lambda: graph.remove_node("x"),
    lambda: nx.parse_gml("graph ["),
    lambda: nx.diameter(nx.empty_graph(2)),
    lambda: nx.nothing,
    lambda: nx.pagerank_numpy,
    lambda: nx.maximum_flow(graph, "a", "e", flow_func=1, nothing=2),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "graphs of well-known shapes",
        """import networkx as nx

print(nx.karate_club_graph(), nx.graph_atlas(100), nx.les_miserables_graph().degree("Valjean"))
print(
    len(nx.graph_atlas_g()),
    nx.florentine_families_graph(),
    nx.gnp_random_graph(9, 0.4, seed=3).edges,
)
print(
    nx.LCF_graph(6, [3, -3], 3), nx.hypercube_graph(3), nx.watts_strogatz_graph(9, 4, 0.3, seed=1)
)
print(
    nx.random_labeled_tree(5, seed=2).edges,
    nx.triangular_lattice_graph(2, 2),
    nx.tutte_graph().name,
)
""",
    ),
    (
        "graphs measures",
        """import networkx as nx
from networkx.algorithms import approximation, bipartite, community, isomorphism

graph = nx.karate_club_graph()
print({n: round(c, 4) for n, c in list(nx.betweenness_centrality(graph).items())[:3]})
print(
    [sorted(c)[:4] for c in community.greedy_modularity_communities(graph)],
    nx.transitivity(graph),
)
print(
    approximation.min_weighted_vertex_cover(nx.star_graph(3)),
    nx.k_core(graph, 4),
    nx.wiener_index(graph),
)
print(
    bipartite.sets(nx.path_graph(4)),
    isomorphism.GraphMatcher(nx.path_graph(3), nx.star_graph(2)).mapping,
)
print(nx.weisfeiler_lehman_graph_hash(graph), nx.could_be_isomorphic(graph, graph))
""",
    ),
    (
        "graphs documentation",
        """import inspect
import networkx as nx

print(str(nx.pagerank.__doc__).splitlines()[:3], inspect.signature(nx.pagerank))
print(str(nx.degree_centrality.__doc__)[-300:], str(nx.Graph.__doc__).strip().splitlines()[0])
print(
    str(nx.read_gml.__doc__).strip().splitlines()[0],
    str(nx.algorithms.tree.mst.__doc__).strip()[:60],
)
print(
    repr(nx.pagerank).split(" at ")[0],
    nx.pagerank.__wrapped__.__name__ if hasattr(nx.pagerank, "__wrapped__") else None,
)
print(nx.to_numpy_array.__name__, str(nx.__doc__).strip().splitlines()[0])
""",
    ),
    (
        "graphs backends",
        """from importlib.metadata import entry_points
import app
import networkx as nx
print(sorted(entry_points(group="networkx.backends"), key=lambda point: point.name))
print(nx.config, sorted(nx.config.backends), nx.pagerank.backends)
for wrong in (lambda: nx.center(app.town(), backend="nothing"), lambda: setattr(nx.config, "x", 1),
        lambda: setattr(nx.config, "cache_converted_graphs", 5)):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
from networkx.classes.tests import dispatch_interface
print(dispatch_interface.LoopbackBackendInterface.__name__, dispatch_interface.__doc__)
""",
    ),
    (
        "graphs that need numpy",
        """import app
import networkx as nx

for function in (nx.to_numpy_array, nx.pagerank, nx.spring_layout, nx.draw, nx.laplacian_matrix):
    try:
        print(function(app.town()))
    except ImportError as error:
        print(type(error).__name__, error)
graph = nx.freeze(app.town())
print(nx.is_frozen(graph), graph.adj["a"], repr(graph.edges), graph.nodes(data="x"))
for part in (
    nx.subgraph_view(graph, filter_node=lambda n: n < "c"),
    nx.complement(graph),
    graph.to_directed(),
):
    print(part, sorted(part.nodes), type(part).__name__, repr(part.adj)[:9])
""",
    ),
]
