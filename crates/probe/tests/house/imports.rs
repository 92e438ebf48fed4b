//! Which files of a crate need which others: every path in a file, followed to the item that it names.
//!
//! A file needs the file that an item is *defined* in, by whatever way the item is named: `crate::`, `super::` or
//! `self::`, a rename, a glob, a re-export. So a parent that declares its children or re-exports their items
//! needs none of them, and a child that names an item through its parent needs whoever defines it. But a child
//! that names an item defined in the parent itself needs the parent, and where the parent uses the child as
//! well, that is a circle.
//!
//! What macros are given, and the attributes that name functions in strings, count as code. An item that a
//! macro makes counts as defined in the module where it is looked for. Methods and fields name no module: a
//! type has to be named somewhere before they can be reached. What is compiled for tests alone may need
//! anything.

use super::tree::{Module, Tree, for_tests};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::{
    Arm, Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, Path, UseTree, Variant, Visibility,
    visit::{self, Visit},
};

/// For each file, the others that it needs.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// What the files of `tree` need.
pub fn needs(tree: &Tree) -> Needs {
    let scopes: Vec<Scope> = tree.modules.iter().map(Scope::of).collect();
    let names = Names { tree, scopes };
    let mut needs = Needs::new();
    for (at, module) in tree.modules.iter().enumerate() {
        let mut uses = Uses { names: &names, at, found: BTreeSet::new() };
        module.items.iter().for_each(|item| uses.visit_item(item));
        uses.found.remove(&module.file);
        needs.entry(module.file.clone()).or_default().extend(uses.found);
    }
    needs
}

/// What the names in a module stand for.
#[derive(Default)]
struct Scope {
    /// Items that the module defines.
    own: BTreeSet<String>,
    macros: BTreeSet<String>,
    /// Names that `use` brings, with their paths.
    imports: BTreeMap<String, Vec<String>>,
    /// Paths of what is imported as a whole.
    globs: Vec<Vec<String>>,
}

impl Scope {
    fn of(module: &Module) -> Self {
        let mut scope = Self::default();
        module.items.iter().for_each(|item| scope.visit_item(item));
        for item in &module.items {
            scope.own.extend(name_of(item));
        }
        scope
    }
}

impl<'ast> Visit<'ast> for Scope {
    fn visit_item(&mut self, item: &'ast Item) {
        // An inline module has a scope of its own.
        if !for_tests(attributes(item)) && !matches!(item, Item::Mod(_)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        each_leaf(&item.tree, &mut Vec::new(), &mut |path, name| match name {
            Some(name) => _ = self.imports.insert(name.to_owned(), path.to_vec()),
            None => self.globs.push(path.to_vec()),
        });
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        self.macros.extend(item.ident.as_ref().map(ToString::to_string));
    }
}

/// Calls `leaf` with the path of each name that `tree` imports and what it is called here; a glob is called nothing.
fn each_leaf(
    tree: &UseTree,
    path: &mut Vec<String>,
    leaf: &mut dyn FnMut(&[String], Option<&str>),
) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            each_leaf(&part.tree, path, leaf);
            path.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaf(path, path.last().map(String::as_str));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaf(&[path.as_slice(), std::slice::from_ref(&name)].concat(), Some(&name));
        }
        UseTree::Rename(rename) => {
            let last = Some(rename.ident.to_string()).filter(|name| name != "self");
            let path: Vec<String> = path.iter().cloned().chain(last).collect();
            leaf(&path, Some(&rename.rename.to_string()));
        }
        UseTree::Glob(_) => leaf(path, None),
        UseTree::Group(group) => group.items.iter().for_each(|tree| each_leaf(tree, path, leaf)),
    }
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    Module(usize),
    /// An item defined in this module.
    Item(usize),
}

struct Names<'a> {
    tree: &'a Tree,
    scopes: Vec<Scope>,
}

impl Names<'_> {
    /// What `path`, written in module `at`, leads to; `None` where that is in another crate, or a local name.
    fn resolve(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Found> {
        let (first, mut rest) = path.split_first()?;
        let mut found = match first.as_str() {
            "crate" => Found::Module(0),
            "self" => Found::Module(at),
            "super" => Found::Module(self.tree.modules[at].parent?),
            name => self.lookup(at, name, seen)?,
        };
        while let (Found::Module(module), Some((name, after))) = (found, rest.split_first()) {
            found = match name.as_str() {
                "super" => Found::Module(self.tree.modules[module].parent?),
                // What is not seen there is made by a macro.
                name => self.lookup(module, name, seen).unwrap_or(Found::Item(module)),
            };
            rest = after;
        }
        Some(found)
    }

    /// What `name` stands for in module `at`.
    fn lookup(&self, at: usize, name: &str, seen: &mut Seen) -> Option<Found> {
        if !seen.insert((at, name.to_owned())) {
            return None;
        }
        let scope = &self.scopes[at];
        if let Some(&child) = self.tree.modules[at].children.get(name) {
            return Some(Found::Module(child));
        }
        if scope.own.contains(name) || scope.macros.contains(name) {
            return Some(Found::Item(at));
        }
        if let Some(path) = scope.imports.get(name) {
            return self.resolve(at, path, seen);
        }
        scope.globs.iter().find_map(|glob| match self.resolve(at, glob, seen)? {
            Found::Module(module) => self.lookup(module, name, seen),
            Found::Item(_) => None,
        })
    }

    /// The module that defines the macro `name` for those below it, module `at` among them.
    fn macro_above(&self, at: usize, name: &str) -> Option<usize> {
        let round = std::iter::successors(Some(at), |&at| self.tree.modules[at].parent);
        round.into_iter().find(|&at| self.scopes[at].macros.contains(name))
    }

    fn is_below(&self, module: usize, at: usize) -> bool {
        let mut round = std::iter::successors(Some(module), |&at| self.tree.modules[at].parent);
        module != at && round.any(|round| round == at)
    }
}

/// Names that are being looked up, and where.
type Seen = BTreeSet<(usize, String)>;

/// What one module uses.
struct Uses<'a> {
    names: &'a Names<'a>,
    at: usize,
    /// The files of it.
    found: BTreeSet<String>,
}

impl Uses<'_> {
    fn path(&mut self, path: &[String]) {
        if let Some(Found::Item(module)) = self.names.resolve(self.at, path, &mut Seen::new()) {
            self.needs(module);
        }
    }

    fn needs(&mut self, module: usize) {
        self.found.insert(self.names.tree.modules[module].file.clone());
    }

    /// Every path among `tokens`.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if !follows(at, &is) => {
                    let mut path = vec![first.to_string()];
                    while let (true, true, Some(TokenTree::Ident(next))) =
                        (is(at + 1, ':'), is(at + 2, ':'), tokens.get(at + 3))
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.path(&path);
                    if path.len() == 1 && is(at + 1, '!') {
                        self.called(&path[0]);
                    }
                    self.imported(&path, &tokens[at + 1..]);
                }
                _ => (),
            }
            at += 1;
        }
    }

    /// What stands in the braces of a `use` that a macro makes: `path::{a, b}`.
    fn imported(&mut self, path: &[String], after: &[TokenTree]) {
        let [TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Group(group), ..] = after else {
            return;
        };
        if (a.as_char(), b.as_char(), group.delimiter()) == (':', ':', Delimiter::Brace) {
            let tree = [TokenTree::Group(group.clone())].into_iter().collect();
            if let Ok(tree) = syn::parse2::<UseTree>(tree) {
                each_leaf(&tree, &mut path.to_vec(), &mut |path, _| self.path(path));
            }
        }
    }

    /// The macro `name` is called.
    fn called(&mut self, name: &str) {
        if let Some(module) = self.names.macro_above(self.at, name) {
            self.needs(module);
        }
    }
}

/// Whether what stands at `at` belongs to what is before it: a field, an associated item, a lifetime.
fn follows(at: usize, is: &impl Fn(usize, char) -> bool) -> bool {
    let before = |back: usize, wanted| at.checked_sub(back).is_some_and(|at| is(at, wanted));
    let field = before(1, '.') && !before(2, '.');
    field || (before(1, ':') && before(2, ':')) || before(1, '\'')
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        if !for_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if !for_tests(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    /// A module of its own.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let re_export = !matches!(item.vis, Visibility::Inherited);
        each_leaf(&item.tree, &mut Vec::new(), &mut |path, name| {
            let found = self.names.resolve(self.at, path, &mut Seen::new());
            let module = match (found, name) {
                (Some(Found::Item(module)), _) => module,
                // What a glob brings may be a trait, which no path names.
                (Some(Found::Module(module)), None)
                    if !self.names.scopes[module].own.is_empty() =>
                {
                    module
                }
                _ => return,
            };
            if !(re_export && self.names.is_below(module, self.at)) {
                self.needs(module);
            }
        });
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let parts: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            self.path(&parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        if let Some(name) = called.path.get_ident() {
            self.called(&name.to_string());
        }
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
            for text in strings(list.tokens.clone()) {
                if let Ok(path) = syn::parse_str::<Path>(&text) {
                    self.visit_path(&path);
                }
            }
        }
    }
}

/// The strings among `tokens`, as in `#[serde(default = "name")]`.
fn strings(tokens: TokenStream) -> Vec<String> {
    let of = |token| match token {
        TokenTree::Group(group) => strings(group.stream()),
        TokenTree::Literal(literal) => match syn::parse_str(&literal.to_string()) {
            Ok(syn::Lit::Str(text)) => vec![text.value()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(of).collect()
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    (!for_tests(attributes(item))).then(|| ident.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
