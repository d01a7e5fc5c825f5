//! What the checks need to know of one file, taken from its syntax: modules, types, functions, paths, doc comments.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Meta, Token, UseTree, Visibility};

use super::{closures, tokens};

#[derive(Default)]
pub(super) struct Facts {
    pub(super) modules: Vec<Declared>,
    pub(super) items: Vec<Item>,
    /// Each path that the file names, and the first line that does so.
    pub(super) references: BTreeMap<Reference, usize>,
    pub(super) functions: Vec<Function>,
    /// The fields of structs that are not private.
    pub(super) open_fields: Vec<OpenField>,
    /// The types of the inherent `impl` blocks, as the file names them.
    pub(super) impls: Vec<Reference>,
    /// The doc comments (`///`): the line and the words.
    pub(super) docs: Vec<(usize, usize)>,
    /// What a file must not keep: the line and the form.
    pub(super) leftovers: Vec<(usize, String)>,
    /// The lines of the closures whose `it` hides that of a closure around them.
    pub(super) nested_closures: Vec<usize>,
}

/// A module that the file declares.
pub(super) struct Declared {
    /// Below the file's own module.
    pub(super) path: Vec<String>,
    pub(super) is_test: bool,
    /// Its items stand in this file.
    pub(super) is_inline: bool,
}

pub(super) struct Item {
    /// The inline modules around it.
    pub(super) module: Vec<String>,
    pub(super) name: String,
    pub(super) is_type: bool,
    pub(super) fields: usize,
    pub(super) line: usize,
    pub(super) is_test: bool,
}

/// A field of a struct that more than its own module sees.
pub(super) struct OpenField {
    /// The inline modules around the struct.
    pub(super) module: Vec<String>,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) line: usize,
    /// The module that sees it, as the file names it; empty for a field that everyone sees.
    pub(super) reach: Vec<String>,
    pub(super) is_test: bool,
}

/// A path that the file names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// The inline modules around it.
    pub(super) module: Vec<String>,
    /// The segments; the first is empty for a path that begins with `::`.
    pub(super) path: Vec<String>,
    pub(super) form: Form,
    pub(super) is_test: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// `use path as name`, and whether others see the name.
    Use { name: String, is_public: bool },
    /// `use path::*`, and whether others see the names.
    Glob { is_public: bool },
    /// A path in code, in an attribute or in a macro's input.
    Inline,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// The body's lines of code, as clippy counts them.
    pub(super) lines: usize,
    pub(super) parameters: usize,
}

pub(super) fn facts(text: &str) -> syn::Result<Facts> {
    let file = syn::parse_file(text)?;
    let stream: TokenStream = text.parse()?;
    let mut reader =
        Reader { lines: text.lines().collect(), module: Vec::new(), test_depth: 0, facts: Facts::default() };
    reader.visit_file(&file);
    reader.facts.docs = tokens::docs(&stream);
    reader.facts.leftovers = tokens::leftovers(&stream);
    reader.facts.nested_closures = closures::nested(&file);
    Ok(reader.facts)
}

struct Reader<'t> {
    lines: Vec<&'t str>,
    module: Vec<String>,
    test_depth: usize,
    facts: Facts,
}

impl Reader<'_> {
    fn is_test(&self) -> bool {
        self.test_depth > 0
    }

    /// Reads something that only tests compile when its attributes say so.
    fn guarded(&mut self, attrs: &[Attribute], read: impl FnOnce(&mut Self)) {
        let depth = usize::from(attrs.iter().any(is_test_only));
        self.test_depth += depth;
        read(self);
        self.test_depth -= depth;
    }

    fn item(&mut self, name: &syn::Ident, is_type: bool, fields: usize) {
        let (module, line, is_test) = (self.module.clone(), name.span().start().line, self.is_test());
        self.facts.items.push(Item { module, name: name.to_string(), is_type, fields, line, is_test });
    }

    fn open_fields(&mut self, item: &syn::ItemStruct) {
        for (at, field) in item.fields.iter().enumerate() {
            let reach = match &field.vis {
                Visibility::Inherited => continue,
                Visibility::Public(_) => Vec::new(),
                Visibility::Restricted(it) => it.path.segments.iter().map(|it| it.ident.to_string()).collect(),
            };
            let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
            let (module, owner, is_test) = (self.module.clone(), item.ident.to_string(), self.is_test());
            let line = field.span().start().line;
            self.facts.open_fields.push(OpenField { module, owner, name, line, reach, is_test });
        }
    }

    fn reference(&self, path: Vec<String>, form: Form) -> Reference {
        Reference { module: self.module.clone(), path, form, is_test: self.is_test() }
    }

    fn refer(&mut self, path: Vec<String>, form: Form, line: usize) {
        let reference = self.reference(path, form);
        self.facts.references.entry(reference).or_insert(line);
    }

    fn refer_to_tokens(&mut self, stream: &TokenStream) {
        for (path, line) in tokens::paths(stream) {
            self.refer(path, Form::Inline, line);
        }
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String], is_public: bool) {
        let line = tree.span().start().line;
        let after = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(it) => self.use_tree(&it.tree, &after(&it.ident), is_public),
            UseTree::Group(it) => it.items.iter().for_each(|it| self.use_tree(it, before, is_public)),
            UseTree::Glob(_) => self.refer(before.to_vec(), Form::Glob { is_public }, line),
            UseTree::Name(it) if it.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                self.refer(before.to_vec(), Form::Use { name, is_public }, line);
            }
            UseTree::Name(it) => {
                self.refer(after(&it.ident), Form::Use { name: it.ident.to_string(), is_public }, line);
            }
            UseTree::Rename(it) => {
                let path = if it.ident == "self" { before.to_vec() } else { after(&it.ident) };
                self.refer(path, Form::Use { name: it.rename.to_string(), is_public }, line);
            }
        }
    }

    fn function(&mut self, signature: &syn::Signature, block: Option<&syn::Block>, is_of_a_trait: bool) {
        let lines = block.map_or(0, |it| {
            let (open, close) = (it.brace_token.span.open().start().line, it.brace_token.span.close().start().line);
            lines_of_code(&self.lines[open.min(close - 1)..close - 1])
        });
        let parameters = if is_of_a_trait { 0 } else { signature.inputs.len() };
        let (name, line) = (signature.ident.to_string(), signature.ident.span().start().line);
        self.facts.functions.push(Function { name, line, lines, parameters });
    }

    /// The types that an item's macro makes: `name! { /// … Type { … } }`, or those that `macro_rules!` spells out.
    fn made_by_macro(&mut self, mac: &syn::ItemMacro) {
        let made = if mac.mac.path.is_ident("macro_rules") {
            tokens::spelled_types(&mac.mac.tokens)
        } else {
            tokens::leading_type(&mac.mac.tokens).into_iter().collect()
        };
        for name in made {
            self.item(&name, true, 0);
        }
        if let Some(name) = &mac.ident {
            self.item(name, false, 0);
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.guarded(item_attrs(item), |it| {
            match item {
                syn::Item::Struct(item) => {
                    it.item(&item.ident, true, item.fields.len());
                    it.open_fields(item);
                }
                syn::Item::Enum(item) => it.item(&item.ident, true, 0),
                syn::Item::Union(item) => it.item(&item.ident, true, 0),
                syn::Item::Trait(item) => it.item(&item.ident, true, 0),
                syn::Item::Type(item) => it.item(&item.ident, true, 0),
                syn::Item::Const(item) => it.item(&item.ident, false, 0),
                syn::Item::Static(item) => it.item(&item.ident, false, 0),
                syn::Item::Fn(item) => {
                    it.item(&item.sig.ident, false, 0);
                    it.function(&item.sig, Some(&item.block), false);
                }
                syn::Item::Macro(item) => it.made_by_macro(item),
                _ => {}
            }
            visit::visit_item(it, item);
        });
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        let (path, is_test, is_inline) = (self.module.clone(), self.is_test(), item.content.is_some());
        self.facts.modules.push(Declared { path, is_test, is_inline });
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, Visibility::Inherited);
        let before = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
        self.use_tree(&item.tree, &before, is_public);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (None, syn::Type::Path(path)) = (&item.trait_, &*item.self_ty) {
            let reference = self.reference(segments(&path.path), Form::Inline);
            self.facts.impls.push(reference);
        }
        for part in &item.items {
            if let syn::ImplItem::Fn(part) = part {
                self.function(&part.sig, Some(&part.block), item.trait_.is_some());
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        self.guarded(impl_item_attrs(item), |it| visit::visit_impl_item(it, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig, item.default.as_ref(), false);
        self.guarded(&item.attrs, |it| visit::visit_trait_item_fn(it, item));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.guarded(&field.attrs, |it| visit::visit_field(it, field));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.guarded(&variant.attrs, |it| visit::visit_variant(it, variant));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.guarded(&arm.attrs, |it| visit::visit_arm(it, arm));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.guarded(&local.attrs, |it| visit::visit_local(it, local));
    }

    fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
        self.guarded(&block.attrs, |it| visit::visit_expr_block(it, block));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.refer(segments(path), Form::Inline, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.refer_to_tokens(&mac.tokens);
        visit::visit_macro(self, mac);
    }

    /// An attribute's paths: in its tokens, and in texts such as serde's `with = "…"`.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.refer_to_tokens(&list.tokens);
            for (path, line) in tokens::quoted_paths(&list.tokens) {
                self.refer(path, Form::Inline, line);
            }
        }
    }

    /// `pub(in path)` names an ancestor and uses nothing of it.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn segments(path: &syn::Path) -> Vec<String> {
    let root = path.leading_colon.map(|_| String::new());
    root.into_iter().chain(path.segments.iter().map(|it| it.ident.to_string())).collect()
}

/// Whether only tests compile what carries this attribute.
fn is_test_only(attribute: &Attribute) -> bool {
    let name = attribute.path().segments.last().map(|it| it.ident.to_string());
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.parse_args::<Meta>().is_ok_and(|it| needs_test(&it)),
        _ => name.as_deref() == Some("test"),
    }
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            (list.path.is_ident("all") && parts.iter().any(needs_test))
                || (list.path.is_ident("any") && !parts.is_empty() && parts.iter().all(needs_test))
        }
        Meta::NameValue(_) => false,
    }
}

fn item_attrs(item: &syn::Item) -> &[Attribute] {
    match item {
        syn::Item::Const(it) => &it.attrs,
        syn::Item::Enum(it) => &it.attrs,
        syn::Item::Fn(it) => &it.attrs,
        syn::Item::Impl(it) => &it.attrs,
        syn::Item::Macro(it) => &it.attrs,
        syn::Item::Mod(it) => &it.attrs,
        syn::Item::Static(it) => &it.attrs,
        syn::Item::Struct(it) => &it.attrs,
        syn::Item::Trait(it) => &it.attrs,
        syn::Item::Type(it) => &it.attrs,
        syn::Item::Union(it) => &it.attrs,
        syn::Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn impl_item_attrs(item: &syn::ImplItem) -> &[Attribute] {
    match item {
        syn::ImplItem::Const(it) => &it.attrs,
        syn::ImplItem::Fn(it) => &it.attrs,
        syn::ImplItem::Type(it) => &it.attrs,
        _ => &[],
    }
}

/// The lines that hold more than blanks and comments.
fn lines_of_code(lines: &[&str]) -> usize {
    let mut in_comment = false;
    let mut count = 0;
    for line in lines {
        let mut rest = line.trim();
        let mut has_code = false;
        while !rest.is_empty() {
            if in_comment {
                let Some((_, after)) = rest.split_once("*/") else { break };
                (rest, in_comment) = (after.trim(), false);
                continue;
            }
            let (block, line) = (rest.find("/*").unwrap_or(rest.len()), rest.find("//").unwrap_or(rest.len()));
            has_code |= block > 0 && line > 0;
            if block >= line {
                break;
            }
            (rest, in_comment) = (&rest[block + 2..], true);
        }
        count += usize::from(has_code);
    }
    count
}
