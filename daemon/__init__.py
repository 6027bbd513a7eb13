"""recordingd: keeps every RingCentral call recording.

The layers, top to bottom; each may import only those below it:

    __main__   python -m daemon
    cli        the recordingd command, one file per subcommand
    app        builds the parts from the configuration and runs them
    config     TOML to Config          logs       structlog, set up once
    tasks      loops over ports        adapters   the world, one library each
    simulator  a RingCentral stand-in (only cli may know it)
    ports      what the tasks ask of the world
    core       decisions: no I/O, no clock
    errors     errors by remedy
"""

__version__ = "0.4.0"
