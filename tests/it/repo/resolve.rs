//! Where a path leads: through the imports, globs and re-exports of the library to the file that defines its item.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Form, Reference};
use super::tree::{Source, Tree};

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'t> {
    /// An item, and the file that defines it.
    Item(&'t str),
    /// A module of the library.
    Module(Vec<String>),
    /// Something of another crate, or a name of the function's own.
    Outside(Vec<String>),
}

#[derive(Default)]
struct Module<'t> {
    file: &'t str,
    items: BTreeSet<&'t str>,
    imports: BTreeMap<&'t str, &'t [String]>,
    globs: Vec<&'t [String]>,
}

/// All names of the library, by module.
pub(super) struct Index<'t> {
    modules: BTreeMap<Vec<String>, Module<'t>>,
}

/// The lookups that a path has led to so far: a second one of the same would not end.
type Seen = BTreeSet<(Vec<String>, String, bool)>;

impl<'t> Index<'t> {
    pub(super) fn of(tree: &'t Tree) -> Self {
        let mut modules: BTreeMap<Vec<String>, Module<'t>> = BTreeMap::new();
        for source in tree.sources.iter().filter(|it| it.is_library()) {
            let inline = source.facts.modules.iter().filter(|it| it.is_inline);
            for path in inline.map(|it| it.path.as_slice()).chain([[].as_slice()]) {
                modules.entry(scope(source, path)).or_default().file = &source.name;
            }
            for item in &source.facts.items {
                modules.entry(scope(source, &item.module)).or_default().items.insert(&item.name);
            }
            for reference in source.facts.references.keys() {
                let module = modules.entry(scope(source, &reference.module)).or_default();
                match &reference.form {
                    Form::Use { name, .. } => drop(module.imports.insert(name, &reference.path)),
                    Form::Glob { .. } => module.globs.push(&reference.path),
                    Form::Inline => {}
                }
            }
        }
        Self { modules }
    }

    /// Where a file's path leads.
    pub(super) fn place(&self, source: &Source, reference: &Reference) -> Place<'t> {
        self.follow(&scope(source, &reference.module), &reference.path, &mut Seen::new())
    }

    fn follow(&self, scope: &[String], path: &[String], seen: &mut Seen) -> Place<'t> {
        if let Some((module, rest)) = anchored(scope, path) {
            return self.descend(module, rest, seen);
        }
        match path {
            [first, rest @ ..] if !first.is_empty() => match self.member(scope, first, !rest.is_empty(), seen) {
                Some(Place::Module(module)) => self.descend(module, rest, seen),
                Some(Place::Outside(outside)) => Place::Outside([outside.as_slice(), rest].concat()),
                Some(item) => item,
                None => Place::Outside(path.to_vec()),
            },
            [_, rest @ ..] => Place::Outside(rest.to_vec()),
            [] => Place::Outside(Vec::new()),
        }
    }

    fn descend(&self, mut module: Vec<String>, path: &[String], seen: &mut Seen) -> Place<'t> {
        for (at, name) in path.iter().enumerate() {
            let rest = &path[at + 1..];
            match self.member(&module, name, !rest.is_empty(), seen) {
                Some(Place::Module(inner)) => module = inner,
                Some(Place::Outside(outside)) => return Place::Outside([outside.as_slice(), rest].concat()),
                Some(item) => return item,
                // A name that a macro makes: the module's file has the macro.
                None => return self.modules.get(&module).map_or(Place::Outside(Vec::new()), |it| Place::Item(it.file)),
            }
        }
        Place::Module(module)
    }

    /// What a name means in a module. Where more of the path follows, a module comes before an item.
    fn member(&self, module: &[String], name: &str, more: bool, seen: &mut Seen) -> Option<Place<'t>> {
        if !seen.insert((module.to_vec(), name.to_owned(), more)) {
            return None;
        }
        let names = self.modules.get(module)?;
        let inner = [module, &[name.to_owned()]].concat();
        let is_module = self.modules.contains_key(&inner);
        if is_module && more {
            return Some(Place::Module(inner));
        }
        if names.items.contains(name) {
            return Some(Place::Item(names.file));
        }
        if let Some(path) = names.imports.get(name) {
            return Some(self.follow(module, path, seen));
        }
        if is_module {
            return Some(Place::Module(inner));
        }
        names.globs.iter().find_map(|glob| match self.follow(module, glob, seen) {
            Place::Module(opened) => self.member(&opened, name, more, seen),
            Place::Item(_) | Place::Outside(_) => None,
        })
    }
}

/// The module that surrounds a reference.
fn scope(source: &Source, inline: &[String]) -> Vec<String> {
    [source.module.as_slice(), inline].concat()
}

/// The module at which a path with `crate`, `self` or `super` starts, and the rest of the path.
fn anchored<'p>(scope: &[String], path: &'p [String]) -> Option<(Vec<String>, &'p [String])> {
    let (first, mut rest) = path.split_first()?;
    let mut module = match first.as_str() {
        "crate" => return Some((Vec::new(), rest)),
        "self" => scope.to_vec(),
        "super" => scope[..scope.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    while let Some((_, after)) = rest.split_first().filter(|(step, _)| *step == "super") {
        module.pop();
        rest = after;
    }
    Some((module, rest))
}

/// The absolute path in the library, of a reference that starts with `crate`, `self` or `super`.
pub(super) fn absolute(source: &Source, reference: &Reference) -> Option<Vec<String>> {
    let (module, rest) = anchored(&scope(source, &reference.module), &reference.path)?;
    Some([module.as_slice(), rest].concat())
}

#[test]
fn paths_lead_through_imports_globs_and_re_exports_to_the_defining_file() {
    let tree = Tree::parse([
        ("src/lib.rs", "pub mod a; pub mod b;"),
        ("src/a.rs", "mod deep; mod list; pub use deep::{Thing, Made}; pub use list::list; pub fn own() {}"),
        ("src/a/deep.rs", "pub struct Thing; made! { Made {} } use super::*; fn f() { own(); }"),
        ("src/a/list.rs", "pub fn list() {}"),
        (
            "src/b.rs",
            "use crate::a::{self, Thing as Other, list}; use tokio::sync::mpsc;
             fn f() { a::Made; Other::new(); list(); mpsc::channel(); a::unknown(); }
             mod inner { use super::super::a::own; fn g() { own(); super::f(); ::std::fs::read(); } }",
        ),
    ]);
    let index = Index::of(&tree);
    let mut told = Vec::new();
    for source in &tree.sources {
        for reference in source.facts.references.keys().filter(|it| it.form == Form::Inline && it.path != ["made"]) {
            told.push((reference.path.join("::"), index.place(source, reference)));
        }
    }
    let item = |path: &str, file: &'static str| (path.to_owned(), Place::Item(file));
    let outside = |path: &str, steps: &[&str]| {
        (path.to_owned(), Place::Outside(steps.iter().map(|it| (*it).to_owned()).collect()))
    };
    let expected = [
        item("Made", "src/a/deep.rs"),
        item("own", "src/a.rs"),
        item("Other::new", "src/a/deep.rs"),
        item("a::Made", "src/a/deep.rs"),
        item("a::unknown", "src/a.rs"),
        item("list", "src/a/list.rs"),
        outside("mpsc::channel", &["tokio", "sync", "mpsc", "channel"]),
        outside("::std::fs::read", &["std", "fs", "read"]),
        item("own", "src/a.rs"),
        item("super::f", "src/b.rs"),
    ];
    assert_eq!(told, expected);
}
