"""Small faults in Python, as the library cosmic-ray makes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from mutants import mutant

# Of its operators those that people slip on; that an addition becomes a shift of bits is none.
SLIPS = re.compile(
    r"ReplaceComparisonOperator_\w+_(Eq|NotEq|Lt|LtE|Gt|GtE|Is|IsNot|In|NotIn)"
    r"|ReplaceBinaryOperator_(Add|Sub|Mul|Div|FloorDiv|Mod)_(Add|Sub|Mul|Div)"
    r"|ReplaceBinaryOperator_(BitAnd_BitOr|BitOr_BitAnd)|ReplaceUnaryOperator_Delete_\w+"
    r"|Replace(And|Or|True|False|Break|Continue)With\w+"
    r"|AddNot|NumberReplacer|ZeroIterationForLoop"
)


def mutants(file: str, text: str) -> Iterator[mutant.Mutant]:
    """Every mutant of a Python file that says another thing than it.

    Raises ImportError where cosmic-ray is not installed.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    said, nodes = _said(text), list(ast_nodes(get_ast(text)))
    for operator in _operators():
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for nth, ((_, column), _) in enumerate(places):
            new = mutate_code(text, operator, nth)
            if new and _said(new) not in (said, None):
                yield mutant.of(file, text, new, column)


@cache
def _operators() -> list:
    from cosmic_ray.operators.provider import OperatorProvider

    known = OperatorProvider()
    return [known[name]() for name in known if SLIPS.fullmatch(name)]


class _WithoutTypes(ast.NodeTransformer):
    """Types and descriptions are not run: a fault in them is none."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        # What settings.md says of a key.
        return None if node.arg in ("description", "examples") else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _said(text: str) -> str | None:
    """What a program does, whatever types it tells; None when it is no Python."""
    try:
        return ast.dump(_WithoutTypes().visit(ast.parse(text)))
    except SyntaxError:
        return None
