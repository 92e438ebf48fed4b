//! A crate's modules as its files declare them: which file each stands in, and its items.

use std::collections::{BTreeMap, BTreeSet};
use syn::{
    Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, Token, parse::Parser,
    punctuated::Punctuated,
};

/// Source files by path, `/` between folders.
pub type Files = BTreeMap<String, String>;

/// A module; an inline one stands in the file of the module round it.
pub struct Module {
    /// Its path, with the crate's root as `crate`.
    pub name: String,
    pub file: String,
    pub parent: Option<usize>,
    pub children: BTreeMap<String, usize>,
    pub items: Vec<Item>,
}

/// The modules of one crate, the root first. What is compiled for tests alone is left out.
pub struct Tree {
    pub modules: Vec<Module>,
    /// Every file that is named, those for tests included.
    pub files: BTreeSet<String>,
}

impl Tree {
    /// The tree from `root` down. A file beside a `mod.rs` that no `mod` names is one that a macro there declares.
    pub fn of(files: &Files, root: &str) -> Self {
        let tree = Self { modules: Vec::new(), files: BTreeSet::new() };
        let mut loader = Loader { files, tree };
        let top = loader.add(root, "crate", None);
        loader.load(top, folder(root));
        loader.declared_by_macros();
        loader.tree
    }
}

struct Loader<'a> {
    files: &'a Files,
    tree: Tree,
}

impl Loader<'_> {
    fn add(&mut self, file: &str, name: &str, parent: Option<usize>) -> usize {
        let text = self.files.get(file).unwrap_or_else(|| panic!("{file} is not there"));
        let items = parse(file, text).items;
        self.tree.files.insert(file.to_owned());
        self.push(file.to_owned(), name, parent, items)
    }

    fn push(&mut self, file: String, name: &str, parent: Option<usize>, items: Vec<Item>) -> usize {
        let at = self.tree.modules.len();
        let path = match parent {
            Some(parent) => {
                self.tree.modules[parent].children.insert(name.to_owned(), at);
                format!("{}::{name}", self.tree.modules[parent].name)
            }
            None => name.to_owned(),
        };
        self.tree.modules.push(Module {
            name: path,
            file,
            parent,
            children: BTreeMap::new(),
            items,
        });
        at
    }

    /// Loads what module `at` declares, whose children's files stand in `folder`.
    fn load(&mut self, at: usize, folder: &str) {
        let items = self.tree.modules[at].items.clone();
        for module in items.iter().filter_map(|item| match item {
            Item::Mod(module) => Some(module),
            _ => None,
        }) {
            let name = module.ident.to_string();
            let below = join(folder, &name);
            if let Some((_, items)) = &module.content {
                if !for_tests(&module.attrs) {
                    let file = self.tree.modules[at].file.clone();
                    let child = self.push(file, &name, Some(at), items.clone());
                    self.load(child, &below);
                }
                continue;
            }
            let (file, below) = self.file_of(module, at, below);
            if for_tests(&module.attrs) {
                self.tree.files.insert(file);
            } else {
                let child = self.add(&file, &name, Some(at));
                self.load(child, &below);
            }
        }
    }

    /// The file that holds `module`, declared in module `at`, and the folder of its children's: `below`, unless
    /// its place is told.
    fn file_of(&self, module: &ItemMod, at: usize, below: String) -> (String, String) {
        if let Some(path) = module.attrs.iter().find_map(path_of) {
            let file = join(folder(&self.tree.modules[at].file), &path);
            let below = folder(&file).to_owned();
            return (file, below);
        }
        let places = [format!("{below}.rs"), format!("{below}/mod.rs")];
        let found = places.into_iter().find(|place| self.files.contains_key(place));
        (found.unwrap_or_else(|| panic!("there is neither {below}.rs nor {below}/mod.rs")), below)
    }

    fn declared_by_macros(&mut self) {
        let mut at = 0;
        while let Some(module) = self.tree.modules.get(at) {
            let own = module.file.strip_suffix("/mod.rs").map(str::to_owned);
            let unnamed = |file: &&String| {
                own.as_deref() == Some(folder(file)) && !self.tree.files.contains(*file)
            };
            for file in self.files.keys().filter(unnamed).cloned().collect::<Vec<_>>() {
                let below = file.trim_end_matches(".rs");
                let child = self.add(&file, below.rsplit('/').next().unwrap_or(below), Some(at));
                self.load(child, below);
            }
            at += 1;
        }
    }
}

/// `text` as Rust.
pub fn parse(file: &str, text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|e| panic!("{file}:{}: {e}", e.span().start().line))
}

/// The folder that `file` stands in.
fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path` from `folder`, without `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The path in `#[path = "…"]`.
fn path_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether something with these attributes is compiled for tests alone.
pub fn for_tests(attributes: &[Attribute]) -> bool {
    let condition = |attribute: &Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.parse_args::<Meta>().ok(),
        _ => None,
    };
    attributes.iter().any(|a| a.path().is_ident("test"))
        || attributes.iter().filter_map(condition).any(|meta| implies_test(&meta))
}

fn implies_test(condition: &Meta) -> bool {
    let Meta::List(list) = condition else { return condition.path().is_ident("test") };
    let parts = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone());
    let parts = parts.unwrap_or_default();
    match () {
        () if list.path.is_ident("all") => parts.iter().any(implies_test),
        () if list.path.is_ident("any") => !parts.is_empty() && parts.iter().all(implies_test),
        () => false,
    }
}
