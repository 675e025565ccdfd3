"""Everything that can happen in a run, as past-tense facts. State is only a fold over them.

A fact holds what was known when it happened and nothing derived. A new fact is a class in its family's file, a name in
that family, and one `case` in the fold. Facts are written to the journal as JSON and must stay readable for ever: add
fields with defaults, never rename or drop one.
"""

from __future__ import annotations

from pags_tui.core.events.clock import ClockFact as ClockFact
from pags_tui.core.events.clock import HoldBegan as HoldBegan
from pags_tui.core.events.clock import HoldExplained as HoldExplained
from pags_tui.core.events.clock import PhaseEntered as PhaseEntered
from pags_tui.core.events.clock import Recycled as Recycled
from pags_tui.core.events.clock import Resumed as Resumed
from pags_tui.core.events.clock import TZeroSet as TZeroSet
from pags_tui.core.events.codec import FACTS as FACTS
from pags_tui.core.events.codec import adapter as adapter
from pags_tui.core.events.codec import decode as decode
from pags_tui.core.events.codec import encode as encode
from pags_tui.core.events.codec import kind_of as kind_of
from pags_tui.core.events.event import Event as Event
from pags_tui.core.events.event import Fact as Fact
from pags_tui.core.events.flags import DriftAccepted as DriftAccepted
from pags_tui.core.events.flags import DriftFound as DriftFound
from pags_tui.core.events.flags import FlagAnswered as FlagAnswered
from pags_tui.core.events.flags import FlagAsked as FlagAsked
from pags_tui.core.events.flags import FlagFact as FlagFact
from pags_tui.core.events.flags import FlagSeen as FlagSeen
from pags_tui.core.events.flags import FlagSettled as FlagSettled
from pags_tui.core.events.flags import RollbackConfirmed as RollbackConfirmed
from pags_tui.core.events.flags import RollbackFinished as RollbackFinished
from pags_tui.core.events.judging import BandRaised as BandRaised
from pags_tui.core.events.judging import CountdownBegan as CountdownBegan
from pags_tui.core.events.judging import CountdownEnded as CountdownEnded
from pags_tui.core.events.judging import CountdownJoined as CountdownJoined
from pags_tui.core.events.judging import GateChanged as GateChanged
from pags_tui.core.events.judging import JudgingFact as JudgingFact
from pags_tui.core.events.judging import SeriesRetired as SeriesRetired
from pags_tui.core.events.judging import SourceBack as SourceBack
from pags_tui.core.events.judging import SourceLost as SourceLost
from pags_tui.core.events.judging import TicksLost as TicksLost
from pags_tui.core.events.judging import TriggerChanged as TriggerChanged
from pags_tui.core.events.judging import TriggerCleared as TriggerCleared
from pags_tui.core.events.judging import TriggerFired as TriggerFired
from pags_tui.core.events.judging import TriggerMuted as TriggerMuted
from pags_tui.core.events.judging import Vetoed as Vetoed
from pags_tui.core.events.life import ContactNoted as ContactNoted
from pags_tui.core.events.life import GuardStarted as GuardStarted
from pags_tui.core.events.life import GuardStopped as GuardStopped
from pags_tui.core.events.life import LeadTaken as LeadTaken
from pags_tui.core.events.life import LifeFact as LifeFact
from pags_tui.core.events.life import RehearsalsCounted as RehearsalsCounted
from pags_tui.core.events.life import RoleNamed as RoleNamed
from pags_tui.core.events.life import RunbookAmended as RunbookAmended
from pags_tui.core.events.life import RunEnded as RunEnded
from pags_tui.core.events.life import RunStarted as RunStarted
from pags_tui.core.events.messages import MessageAsked as MessageAsked
from pags_tui.core.events.messages import MessageDrafted as MessageDrafted
from pags_tui.core.events.messages import MessageFact as MessageFact
from pags_tui.core.events.messages import MessageSent as MessageSent
from pags_tui.core.events.messages import MessageSnoozed as MessageSnoozed
from pags_tui.core.events.messages import Notified as Notified
from pags_tui.core.events.shapes import GUARD as GUARD
from pags_tui.core.events.shapes import Actor as Actor
from pags_tui.core.events.shapes import Evidence as Evidence
from pags_tui.core.events.shapes import Kind as Kind
from pags_tui.core.events.shapes import Mode as Mode
from pags_tui.core.events.shapes import Move as Move
from pags_tui.core.events.shapes import Outcome as Outcome
from pags_tui.core.events.shapes import Purpose as Purpose
from pags_tui.core.events.shapes import Result as Result
from pags_tui.core.events.shapes import Seated as Seated
from pags_tui.core.events.work import IssueClosed as IssueClosed
from pags_tui.core.events.work import IssueOpened as IssueOpened
from pags_tui.core.events.work import NoteAdded as NoteAdded
from pags_tui.core.events.work import OverrideGiven as OverrideGiven
from pags_tui.core.events.work import OverrideVoided as OverrideVoided
from pags_tui.core.events.work import PollAnswered as PollAnswered
from pags_tui.core.events.work import PollClosed as PollClosed
from pags_tui.core.events.work import PollOpened as PollOpened
from pags_tui.core.events.work import SignatureVoided as SignatureVoided
from pags_tui.core.events.work import Signed as Signed
from pags_tui.core.events.work import StepReopened as StepReopened
from pags_tui.core.events.work import StepResolved as StepResolved
from pags_tui.core.events.work import WorkFact as WorkFact
