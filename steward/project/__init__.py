"""The shop's files, read and edited as a careful person would: small edits, everything around them kept."""

from steward.project.changeset import ChangeSet, FileChange, Warning
from steward.project.conversations import Conversation, Turn
from steward.project.facts import Fact, FactSheet
from steward.project.git import Author
from steward.project.operations import Operation
from steward.project.project import Applied, Commit, Project, State
from steward.project.topics import Topic

__all__ = [
    "Applied",
    "Author",
    "ChangeSet",
    "Commit",
    "Conversation",
    "Fact",
    "FactSheet",
    "FileChange",
    "Operation",
    "Project",
    "State",
    "Topic",
    "Turn",
    "Warning",
]
