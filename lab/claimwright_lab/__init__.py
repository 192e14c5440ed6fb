"""The lab: what Claimwright is tried with, and no user of it needs. It is never part of the wheel.

The lab may use all of `claimwright`; nothing in `claimwright` may import the lab. `claimwright.apps.cli.lab`
is the one door: it adds the lab's commands where the lab is installed.
"""
