"""Sessions, which a channel grows one track in.

`keeping` holds the state of each and saves every change, `running` does what follows from a change and rings the deadlines, `making`
has the extensions made, `showing` reads what the messages show, and `asking` is what commands and controls use.

A change is saved first, and what follows from it is derived from the state: posts that have to be there, a job that has to be asked
for, votes that have to be counted. So a process that ends in between leaves nothing that the next one does not find.
"""
