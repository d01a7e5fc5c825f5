"""Good bodies spoiled: each member missing, of another kind, too long or out of range, one at a time."""

import copy

WRONG = [None, True, 0, -1, 2**63, 1.5, "", " ", "x" * 300, "\u0000\u202e", [], [None], {}, {"@odata.type": "#microsoft.graph.nothing"}]


def spoiled(body):
    """Every body that differs from a good one in one place."""
    yield {**body, "anything": {"else": [1]}}
    for path in places(body, ()):
        without = copy.deepcopy(body)
        del holder(without, path)[path[-1]]
        yield without
        for wrong in WRONG:
            changed = copy.deepcopy(body)
            holder(changed, path)[path[-1]] = wrong
            yield changed


def holder(body, path):
    """The object or list that holds the last step of a path."""
    for step in path[:-1]:
        body = body[step]
    return body


def places(node, path):
    """The path of every member and item."""
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from places(inner, (*path, step))


# Bodies that are no object of JSON at all.
RUBBISH = [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 5_000, b'{"a":1}{"b":2}', b'{"clientContext":"a","clientContext":1}', b'"' + b"x" * (2 << 20)]
