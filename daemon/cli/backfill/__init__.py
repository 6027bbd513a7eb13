"""`recordingd backfill`: the call log of a period into the ledger, and whatever it names to the archive.

command     what is wanted, and who does it     alone      by this process, where no daemon runs
watch       until there is no more to wait for  progress   a bar, or a line now and then
summary     what came of it
"""

from daemon.cli.backfill.command import configure, run

__all__ = ["configure", "run"]
