"""Options that several subcommands share, spelt and explained once."""

import argparse


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add --config; None means: look where `config.find` looks."""
    parser.add_argument(
        "--config",
        metavar="PATH",
        help="the configuration (default: $RECORDINGD_CONFIG, ./config.toml, /etc/recordingd/config.toml)",
    )


def add_json(parser: argparse._ActionsContainer) -> None:
    """Add --json, for scripts."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text for people")
