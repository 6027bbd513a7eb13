"""Faults: what can go wrong between RingCentral and its client, each a switch of a running simulator.

catalogue holds them all by name, fault says what one is; switches knows which are on and how often each bit, panel
turns them. doors shows HTTP requests to them; line writes an HTTP answer by hand.

media: refusals, bodies, ranged, stalls. link: frames, recovery, delivery. calllog: pages, removal, uris.
input: disguise. account stands alone.
"""
