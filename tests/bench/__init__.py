"""The daemon beside what people would use instead, in one run on one machine: `python -m tests.bench [--quick]`.

Absolute times drift on a shared machine; ratios of what was measured in turn hold. So every round asks each contestant
once, and what counts is the median of the rounds' ratios. Every byte is checked, and no time is asserted.

harness   rounds, ratios, tables, the README     rows   what is measured, a file each
peers     what is installed to measure beside    work   what runs in a process of its own
"""
