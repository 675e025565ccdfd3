"""What a report is made of: frozen values, the same for every rendering. Their names are the published JSON's.

Texts in here are as people and services wrote them; each rendering makes them safe for itself. Times are UTC,
durations seconds, metric values in the metric's own unit, with NaN and ±Inf as Prometheus writes them.
"""

from pags_tui.report.shapes.basics import SHAPE as SHAPE
from pags_tui.report.shapes.basics import Evidence as Evidence
from pags_tui.report.shapes.basics import Signature as Signature
from pags_tui.report.shapes.basics import StepOutcome as StepOutcome
from pags_tui.report.shapes.basics import Value as Value
from pags_tui.report.shapes.basics import When as When
from pags_tui.report.shapes.happened import ChangeLine as ChangeLine
from pags_tui.report.shapes.happened import Decision as Decision
from pags_tui.report.shapes.happened import DriftLine as DriftLine
from pags_tui.report.shapes.happened import IssueLine as IssueLine
from pags_tui.report.shapes.happened import MessageLine as MessageLine
from pags_tui.report.shapes.happened import NoteLine as NoteLine
from pags_tui.report.shapes.happened import NoticeLine as NoticeLine
from pags_tui.report.shapes.happened import PollAnswer as PollAnswer
from pags_tui.report.shapes.happened import PollLine as PollLine
from pags_tui.report.shapes.happened import RollbackFlag as RollbackFlag
from pags_tui.report.shapes.happened import RollbackLine as RollbackLine
from pags_tui.report.shapes.planned import Amendment as Amendment
from pags_tui.report.shapes.planned import Change as Change
from pags_tui.report.shapes.planned import Counts as Counts
from pags_tui.report.shapes.planned import Criteria as Criteria
from pags_tui.report.shapes.planned import DurationLine as DurationLine
from pags_tui.report.shapes.planned import FollowUpGroup as FollowUpGroup
from pags_tui.report.shapes.planned import PhaseLine as PhaseLine
from pags_tui.report.shapes.planned import Proposal as Proposal
from pags_tui.report.shapes.planned import StepLine as StepLine
from pags_tui.report.shapes.seen import Course as Course
from pags_tui.report.shapes.seen import Gap as Gap
from pags_tui.report.shapes.seen import Mark as Mark
from pags_tui.report.shapes.seen import MetricLine as MetricLine
from pags_tui.report.shapes.seen import Threshold as Threshold
from pags_tui.report.shapes.seen import TriggerLine as TriggerLine
from pags_tui.report.shapes.seen import TriggerMoment as TriggerMoment
from pags_tui.report.shapes.seen import Watched as Watched
from pags_tui.report.shapes.whole import Comparison as Comparison
from pags_tui.report.shapes.whole import Difference as Difference
from pags_tui.report.shapes.whole import Person as Person
from pags_tui.report.shapes.whole import Report as Report
from pags_tui.report.shapes.whole import Summary as Summary
