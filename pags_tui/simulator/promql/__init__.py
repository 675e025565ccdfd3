"""PromQL as a tree, as far as the simulator has to understand a runbook's own queries. Nothing is evaluated.

Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/ and …/operators/. Left out: subquery evaluation
details and native histograms, which are read past.
"""

from pags_tui.simulator.promql.reading import PromqlError as PromqlError
from pags_tui.simulator.promql.reading import normal as normal
from pags_tui.simulator.promql.reading import parse as parse
from pags_tui.simulator.promql.reading import seconds as seconds
from pags_tui.simulator.promql.tree import Aggregate as Aggregate
from pags_tui.simulator.promql.tree import Binary as Binary
from pags_tui.simulator.promql.tree import Call as Call
from pags_tui.simulator.promql.tree import Expr as Expr
from pags_tui.simulator.promql.tree import Matcher as Matcher
from pags_tui.simulator.promql.tree import Number as Number
from pags_tui.simulator.promql.tree import Selector as Selector
from pags_tui.simulator.promql.tree import Text as Text
from pags_tui.simulator.promql.tree import answer_labels as answer_labels
from pags_tui.simulator.promql.tree import is_scalar as is_scalar
from pags_tui.simulator.promql.tree import walk as walk
