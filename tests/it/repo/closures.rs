//! A closure's parameter `it` means the one thing that the call is about. Inside another closure's `it` it would hide that
//! one, and a reader would have to count brackets: then one of them needs a word.

use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, Macro, Pat, PatIdent, Token};

use super::tree::Tree;

/// Returns the lines of the closures with a parameter `it` that stand in another such closure.
pub(super) fn nested(file: &syn::File) -> Vec<usize> {
    let mut reader = ClosureReader::default();
    reader.visit_file(file);
    reader.found
}

#[derive(Default)]
struct ClosureReader {
    /// How many closures around the current place bind `it`.
    depth: usize,
    found: Vec<usize>,
}

impl<'ast> Visit<'ast> for ClosureReader {
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        let binds = closure.inputs.iter().any(binds_it);
        if binds && self.depth > 0 {
            self.found.push(closure.span().start().line);
        }
        self.depth += usize::from(binds);
        visit::visit_expr_closure(self, closure);
        self.depth -= usize::from(binds);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        // Input that is no list of expressions is not read.
        let arguments = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated).unwrap_or_default();
        for argument in &arguments {
            let mut reader = Self { depth: self.depth, found: Vec::new() };
            reader.visit_expr(argument);
            self.found.extend(reader.found);
        }
    }
}

fn binds_it(pattern: &Pat) -> bool {
    struct NameReader(bool);
    impl Visit<'_> for NameReader {
        fn visit_pat_ident(&mut self, name: &PatIdent) {
            self.0 |= name.ident == "it";
        }
    }
    let mut reader = NameReader(false);
    reader.visit_pat(pattern);
    reader.0
}

fn nested_closures(tree: &Tree) -> Vec<String> {
    let of = |source: &super::tree::Source| {
        source.facts.nested_closures.iter().map(|line| format!("{}:{line}", source.name)).collect::<Vec<_>>()
    };
    tree.sources.iter().flat_map(of).collect()
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    vec![("closures with `it` inside another's `it`", nested_closures(tree).len(), 0)]
}

#[test]
fn no_closure_hides_the_it_of_another() {
    let found = nested_closures(Tree::house());
    assert!(found.is_empty(), "`it` hides another `it`; give one of them a word:\n{}", found.join("\n"));
}

#[test]
fn each_form_of_a_hidden_it_is_found() {
    let text = "fn f() {
        rows.any(|it| it.cells.any(|it| it.empty));
        rows.any(|row| row.cells.any(|it| it.empty)) && rows.all(|it| it.full);
        let named = |it: &Row| assert!(it.cells.all(|(_, it)| it.full), \"{it}\");
        rows.map(|it| {
            let cells = |cell| cell.parts.map(|it| it.name);
        });
    }";
    let tree = Tree::parse([("src/a.rs", text)]);
    assert_eq!(nested_closures(&tree), ["src/a.rs:2", "src/a.rs:4", "src/a.rs:6"]);
}
