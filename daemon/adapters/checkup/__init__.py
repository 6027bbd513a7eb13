"""Looking at the world before anything is promised about it: what `recordingd doctor` asks.

reachability   names, ports, certificates      conversation   the gateway, from greeting to heartbeat
filesystem     room, and what kind it is        trial          the write order and the journal, tried out
"""
