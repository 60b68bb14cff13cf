"""Affine composition: sums and uniform factors become one row of multiply-adds per result.

Decoding YUV, a gain, a saturation and encoding YUV are each affine in the samples. Between
nodes that are not (``pow``, ``max``, a product of two varying values: the *atoms*), every
value is a sum

    k1 * atom1 + k2 * atom2 + ... + k0

whose coefficients are uniform. ``compose`` works out these sums across all affine nodes and
writes them as rows of multiply-adds wherever that takes fewer operations.

Coefficients are polynomials in the uniforms, so that what cancels (a matrix against its inverse)
cancels for all parameters. A coefficient within ``SNAP`` of an integer is that integer: composed
matrices miss their zeros and ones only by rounding, and a picture that passes through unchanged
must be unchanged to the bit (``polynomial``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from vedc.expr.nodes import Expr, const, node, walk
from vedc.expr.polynomial import SNAP, Form, Poly, Row, add, snapped, unit, zero
from vedc.expr.rules import simplify

#: A coefficient with more terms becomes one opaque uniform.
MAX_TERMS: Final = 24
#: A longer sum is not scaled term by term.
MAX_SCALED: Final = 8
#: The treatment of a sum scaled by something that varies; see ``_Composer``.
Expansion = Literal["never", "parts", "whole"]
EXPANSIONS: Final[tuple[Expansion, ...]] = ("never", "parts", "whole")


def compose(roots: Sequence[Expr]) -> list[Expr]:
    """Rewrite affine stretches as rows where that takes fewer operations.

    Expects simplified expressions and returns simplified ones.
    """
    # Without such a product, all expansions are alike.
    product = any(
        e.op in ("mul", "fma") and not (e.args[0].uniform or e.args[1].uniform) for e in walk(roots)
    )
    expansions = EXPANSIONS if product else EXPANSIONS[:1]
    attempts = [simplify(_Composer(roots, expand).run()) for expand in expansions]
    # Simplifying rows may undo what made them short: what was given is then kept.
    return min([*attempts, list(roots)], key=operations)


def operations(roots: Sequence[Expr]) -> int:
    """Vector operations of a kernel; a negation is part of the multiply-add that uses it."""
    return sum(bool(e.args) and not e.uniform and e.op != "neg" for e in walk(roots))


class _Composer:
    def __init__(self, roots: Sequence[Expr], expand: Expansion) -> None:
        """``expand``: whether to multiply out where a sum is scaled by something that varies, as
        a mask or a title's alpha does. It pays where both pictures came from YUV.

        ``parts``: where that is an affine function of one atom, by its two parts. ``whole``: by
        the factor as it is; it is put outside the brackets again when rows are written.
        """
        self.roots, self.expand = roots, expand
        self.order = list(walk(roots))
        self.ranks: dict[Expr, int] = {e: i for i, e in enumerate(self.order)}
        self.polys: dict[Expr, Poly] = {}
        self.forms: dict[Expr, Form] = {}
        self.inner: dict[Expr, tuple[Expr, ...]] = {}
        """Affine node -> the operands that its sum is made of."""
        self.products: set[Expr] = set()
        """Atoms made here: the product inside a multiply-add of two that vary."""
        self.scalings: set[Expr] = set()
        """Atoms made here: an atom times a uniform."""

    def run(self) -> list[Expr]:
        for e in self.order:
            if e.uniform:
                self.polys[e] = self.poly(e)
            else:
                self.forms[e] = self.form(e)
        chosen = self.choose(self.outputs())
        done: dict[Expr, Expr] = {}
        for e in self.order:
            if e in chosen:
                done[e] = self.write(chosen[e], done)
            else:
                done[e] = e if e.uniform else self.rebuilt(e, done)
        return [done[r] for r in self.roots]

    def rebuilt(self, e: Expr, done: dict[Expr, Expr]) -> Expr:
        """The node with rewritten arguments; some atoms made here depend on others."""
        args = (
            self.rebuilt(a, done) if a in self.scalings else a if a.uniform else done[a]
            for a in e.args
        )
        return node(e.op, *args, attr=e.attr)

    # ------------------------------------------------------------ coefficients

    def poly(self, e: Expr) -> Poly:
        """A uniform expression as a polynomial of those below it that are not sums."""
        if e.op == "const":
            return {(): e.value} if e.value else {}
        parts = [self.polys[a] for a in e.args]
        if e.op in ("add", "sub"):
            total = add(parts[0], parts[1], 1.0 if e.op == "add" else -1.0)
        elif e.op == "neg":
            total = add({}, parts[0], -1.0)
        elif e.op == "mul":
            total = self.times(parts[0], parts[1])
        elif e.op == "fma":
            total = add(self.times(parts[0], parts[1]), parts[2])
        else:
            return {(e,): 1.0}
        return total if len(total) <= MAX_TERMS else {(e,): 1.0}

    def times(self, a: Poly, b: Poly) -> Poly:
        if len(a) * len(b) > MAX_TERMS:
            whole = node("mul", self.uniform(a), self.uniform(b))
            self.ranks.setdefault(whole, len(self.ranks))
            return {(whole,): 1.0}
        if len(b) == 1 and () in b:
            return add({}, a, b[()])
        total: Poly = {}
        for m, x in a.items():
            for n, y in b.items():
                total = add(total, {tuple(sorted(m + n, key=self.ranks.__getitem__)): x * y})
        return total

    def uniform(self, poly: Poly) -> Expr:
        """The polynomial as an expression."""
        total: Expr | None = None
        for monomial, number in snapped(poly).items():
            term: Expr = const(number)
            for factor in monomial:
                term = factor if term is const(1.0) else node("mul", term, factor)
            total = term if total is None else node("add", total, term)
        return const(0.0) if total is None else total

    # ------------------------------------------------------------ sums

    def form(self, e: Expr) -> Form:
        """A varying node as a sum; of itself alone if it is not affine."""
        if e.op in ("add", "sub"):
            self.inner[e] = e.args
            return self.sum(e.args[0], e.args[1], {(): 1.0 if e.op == "add" else -1.0})
        if e.op == "neg":
            self.inner[e] = e.args
            return self.scaled(self.parts(e.args[0]), {(): -1.0})
        if e.op in ("mul", "fma"):
            a, b = e.args[:2]
            if not (a.uniform or b.uniform):
                return self.product(e)
            varying, factor = (b, a) if a.uniform else (a, b)
            self.inner[e] = (varying, *e.args[2:])
            scaled = self.scaled(self.parts(varying), self.polys[factor])
            return self.plus(scaled, self.parts(e.args[2])) if e.op == "fma" else scaled
        return {e: {(): 1.0}}

    def product(self, e: Expr) -> Form:
        """The sum that a product of two varying values is, plus what a ``fma`` adds."""
        a, b = sorted(e.args[:2], key=lambda x: -len(self.forms[x]))
        added = self.parts(e.args[2]) if e.op == "fma" else {}
        if self.expand == "parts" and self.expandable(a, b):
            self.inner[e] = e.args
            return self.plus(self.expanded(self.forms[a], self.forms[b]), added)
        if self.expand == "whole" and self.forms[a].keys() != {a} and self.scalable(a):
            self.inner[e] = (a, *e.args[2:])
            return self.plus(self.times_whole(self.forms[a], b), added)
        if e.op == "mul":
            return {e: {(): 1.0}}
        self.inner[e] = e.args[2:]
        return self.plus({self.made("mul", *e.args[:2]): {(): 1.0}}, added)

    def expandable(self, sum: Expr, factor: Expr) -> bool:
        terms, alone = self.forms[sum].keys() - {None}, self.forms[factor].keys() - {None}
        made = self.products | self.scalings
        return len(alone) == 1 and len(terms) <= 4 and made.isdisjoint(terms | alone)

    def times_whole(self, sum: Form, factor: Expr) -> Form:
        """``sum`` times a factor that stays as it is."""
        scaled: Form = {}
        for term, poly in sum.items():
            scaled[factor if term is None else self.made("mul", term, factor)] = poly
        return scaled

    def scalable(self, sum: Expr) -> bool:
        terms = self.forms[sum].keys() - {None}
        return len(terms) <= MAX_SCALED and self.products.isdisjoint(terms)

    def expanded(self, sum: Form, factor: Form) -> Form:
        """``sum`` times ``k * atom + k0``. The atom is scaled first, once, for all terms."""
        (atom,) = (x for x in factor if x is not None)
        scale = snapped(factor[atom])
        if not unit(scale):
            atom, scale = self.made("mul", atom, self.uniform(scale)), {(): 1.0}
        total = self.scaled(sum, factor.get(None, {}))
        for term, poly in sum.items():
            with_atom = atom if term is None else self.made("mul", term, atom)
            total = self.plus(total, self.scaled({with_atom: poly}, scale))
        return total

    def made(self, op: str, a: Expr, b: Expr) -> Expr:
        """An atom that is not in the given graph."""
        atom = node(op, a, b)
        self.ranks.setdefault(atom, len(self.ranks))
        (self.scalings if b.uniform else self.products).add(atom)
        return atom

    def parts(self, e: Expr) -> Form:
        if e.uniform:
            return {None: self.polys[e]} if self.polys[e] else {}
        return self.forms[e]

    def sum(self, a: Expr, b: Expr, sign: Poly) -> Form:
        return self.plus(self.parts(a), self.scaled(self.parts(b), sign))

    def scaled(self, form: Form, factor: Poly) -> Form:
        scaled = {atom: self.times(poly, factor) for atom, poly in form.items()}
        return {atom: poly for atom, poly in scaled.items() if poly}

    @staticmethod
    def plus(a: Form, b: Form) -> Form:
        total = dict(a)
        for atom, poly in b.items():
            both = add(total.pop(atom, {}), poly)
            if not zero(both):
                total[atom] = both
        return total

    # ------------------------------------------------------------ what to rewrite

    def outputs(self) -> list[Expr]:
        """Affine nodes whose value is used by something that is not affine."""
        used = set(self.roots)
        for e in self.order:
            inside = self.inner.get(e, ())
            used.update(a for a in e.args if a not in inside)
        return [e for e in self.order if e in used and e in self.inner]

    def choose(self, outputs: Sequence[Expr]) -> dict[Expr, Row]:
        """The outputs to be written as rows: groups that share nodes, then single ones."""
        below = {o: self.stretch(o) for o in outputs}
        chosen: dict[Expr, Row] = {}
        for group in _groups(below):
            rows = self.rows(group)
            if self.price(rows) < len(set().union(*(below[o] for o in group))):
                chosen.update(rows)
                continue
            for o in group:
                others = set().union(*(below[p] for p in group if p is not o))
                alone = self.rows([o])
                if self.price(alone) < len(below[o] - others):
                    chosen.update(alone)
        return chosen

    def stretch(self, output: Expr) -> set[Expr]:
        """The affine nodes that an output is made of: the operations that a row replaces."""
        found: set[Expr] = set()
        stack = [output]
        while stack:
            e = stack.pop()
            if e in self.inner and e not in found:
                found.add(e)
                stack.extend(self.inner[e])
        return found

    def rows(self, outputs: Sequence[Expr]) -> dict[Expr, Row]:
        """A row for each output, over atoms and, where that is shorter, an earlier output."""
        rows: dict[Expr, Row] = {}
        for o in outputs:
            form = {atom: snapped(poly) for atom, poly in self.forms[o].items()}
            best = Row(None, 0.0, form)
            for base in rows:
                for factor in self.ratios(form, self.forms[base]):
                    rest = self.plus(form, self.scaled(self.forms[base], {(): -factor}))
                    if len(rest.keys() - {None}) + 1 < best.length:
                        best = Row(base, factor, rest)
            rows[o] = best
        return rows

    @staticmethod
    def ratios(form: Form, base: Form) -> list[float]:
        """Ratios of an atom's coefficient in ``form`` to its coefficient in ``base``.

        In the form's own order: where some differ only by rounding, the same one is always tried
        first.
        """
        found: dict[float, None] = {}
        for atom, a in form.items():
            b = base.get(atom, {})
            if atom is not None and a.keys() == b.keys():
                quotients = [a[m] / b[m] for m in a]
                if max(quotients) - min(quotients) <= SNAP * abs(quotients[0]):
                    found[quotients[0]] = None
        return list(found)

    def price(self, rows: Mapping[Expr, Row]) -> int:
        """Operations of the rows."""
        uses: dict[Expr, list[Poly]] = {}
        scalings: set[Expr] = set()
        total = 0
        for row in rows.values():
            plain, brackets = self.brackets(row.rest)
            total += replace(row, rest=plain).price + len(brackets)
            total += sum(Row(None, 0.0, inner).price for inner in brackets.values())
            for atom, poly in plain.items():
                if atom in self.products:
                    uses.setdefault(atom, []).append(poly)
                    scalings.update(self.scalings.intersection(atom.args))
                elif atom in self.scalings:
                    scalings.add(atom)
        # A product is part of the multiply-add that uses it, if it is used once and unscaled.
        apart = sum(len(polys) > 1 or not unit(polys[0]) for polys in uses.values())
        return apart + len(scalings) + total

    def brackets(self, form: Form) -> tuple[Form, dict[Expr, Form]]:
        """A form without what two or more of its terms are scaled by, and the sums of those."""
        plain, found = dict(form), dict[Expr, Form]()
        if self.expand != "whole":
            return plain, found
        for atom, poly in form.items():
            if atom in self.products:
                term, factor = atom.args
                found.setdefault(factor, {})[term] = poly
        for factor, inner in tuple(found.items()):
            # A factor that is itself a product may appear in other brackets.
            if factor in form and factor not in self.products:
                inner[None] = form[factor]
            if len(inner) == 1:
                del found[factor]
                continue
            for scaled in self.times_whole(inner, factor):
                del plain[scaled]
        return plain, found

    def write(self, row: Row, done: dict[Expr, Expr]) -> Expr:
        """The row as a chain of multiply-adds, its atoms in a stable order."""
        made = self.products | self.scalings
        rest, brackets = self.brackets(row.rest)
        terms = [
            (self.rebuilt(a, done) if a in made else done[a], self.uniform(rest[a]))
            for a in sorted((a for a in rest if a is not None), key=self.ranks.__getitem__)
        ]
        terms += [
            (self.write(Row(None, 0.0, inner), done), done[factor])
            for factor, inner in brackets.items()
        ]
        if row.base is not None:
            terms.append((done[row.base], const(row.factor)))
        if None in rest:
            total = self.uniform(rest[None])
        elif terms:
            # Begin with an unscaled term, which costs nothing.
            first = next((t for t in terms if t[1] is const(1.0)), terms[0])
            terms.remove(first)
            total = node("mul", *first)
        else:
            total = const(0.0)
        for atom, factor in terms:
            total = node("fma", atom, factor, total)
        return total


def _groups(below: dict[Expr, set[Expr]]) -> list[list[Expr]]:
    """Outputs gathered so that two which share a node are in one group."""
    groups: list[tuple[list[Expr], set[Expr]]] = []
    for output, nodes in below.items():
        members, union = [output], set(nodes)
        rest = []
        for group in groups:
            if group[1].isdisjoint(nodes):
                rest.append(group)
            else:
                members, union = group[0] + members, union | group[1]
        groups = [*rest, (members, union)]
    return [members for members, _ in groups]
