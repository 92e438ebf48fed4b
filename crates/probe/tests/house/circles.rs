//! Files that need each other, round about.

use super::{
    imports::{self, Needs},
    tree::{Files, Tree},
};
use std::collections::BTreeSet;

/// The circles among the files of the crate whose root is `root`.
pub fn of_crate(files: &Files, root: &str) -> Vec<BTreeSet<String>> {
    of(&imports::needs(&Tree::of(files, root)))
}

/// Sets of files each of which needs all others of its set, if only by way of others.
fn of(needs: &Needs) -> Vec<BTreeSet<String>> {
    let reach = |from: &String| {
        let (mut found, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(file) = left.pop() {
            left.extend(needs[file].iter().filter(|needed| found.insert((*needed).clone())));
        }
        found
    };
    let reached: Vec<(&String, BTreeSet<String>)> =
        needs.keys().map(|file| (file, reach(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, of_it) in &reached {
        let round = reached
            .iter()
            .filter(|(other, of_other)| of_it.contains(*other) && of_other.contains(*file));
        circles.insert(round.map(|(other, _)| (*other).clone()).collect::<BTreeSet<String>>());
    }
    circles.into_iter().filter(|circle| !circle.is_empty()).collect()
}

/// The checker on small faked crates: `//- a.rs` begins the file `a.rs`.
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        let parts = text.split("//- ").skip(1).filter_map(|part| part.split_once('\n'));
        parts.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// The files of each circle, in one line.
    fn circles(text: &str) -> Vec<String> {
        let circles = of_crate(&files(text), "lib.rs");
        circles.iter().map(|c| c.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
    }

    /// A crate of `a`, and of `b`, which needs `a`.
    fn beside_b(a: &str) -> Vec<String> {
        let b = "use crate::a::A; pub struct B(A); pub trait T {} pub fn f() {}";
        circles(&format!(
            "//- lib.rs\nmod a; mod b; pub use b::B as Renamed;\n//- a.rs\n{a}\n//- b.rs\n{b}\n"
        ))
    }

    #[test]
    fn whatever_names_an_item_needs_its_file() {
        for a in [
            "pub struct A; use crate::b::B;",
            "pub struct A; use super::b::{self, T as _};",
            "pub struct A; use crate::{b as c}; fn g() { c::f() }",
            "pub struct A; fn g(_: &crate::b::B) {}",
            "pub struct A; use crate::Renamed;",
            "pub struct A; use super::*; fn g(_: Renamed) {}",
            "pub struct A; use crate::b::*;",
            "pub struct A; fn g() { use crate::b::f; f() }",
            "pub struct A; mod inner { mod deep { fn g() { super::super::super::b::f() } } }",
            "pub struct A; impl crate::b::T for A {}",
            "pub struct A; fn g() { println!(\"{}\", crate::b::f()) }",
            "pub struct A; macro_rules! m { () => { $crate::b::f() }; }",
            "pub struct A; macro_rules! m { () => { use crate::b::{B as C, f}; }; }",
            "#[derive(D)] #[d(with = \"crate::b::f\")] pub struct A;",
            "pub struct A; pub use crate::b::f;",
            "pub struct A; #[cfg(any(test, unix))] fn g() { crate::b::f() }",
        ] {
            assert_eq!(beside_b(a), ["a.rs b.rs"], "{a}");
        }
    }

    #[test]
    fn what_is_of_other_crates_or_for_tests_needs_nothing() {
        for a in [
            "pub struct A; use b::f;",
            "pub struct A; use ::b::f;",
            "pub struct A; fn f() {} fn g(b: u8) { f(); b.f(); dbg!(b.f, x::b::f, 'b') }",
            "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
            "pub struct A; #[cfg(all(test, unix))] use crate::b::B;",
            "pub struct A; #[test] fn t() { crate::b::f() }",
            "pub struct A; impl A { #[cfg(test)] fn t() { crate::b::f() } }",
            "/// [`B`](crate::b::B)\npub struct A;",
            "pub struct A; use crate::b;",
        ] {
            assert_eq!(beside_b(a), [""; 0], "{a}");
        }
    }

    #[test]
    fn a_parent_that_declares_and_re_exports_needs_no_child() {
        let children = "//- p/a.rs\npub struct A;\n//- p/b.rs\nuse super::A; pub struct B(A);\n";
        let parent =
            |text: &str| circles(&format!("//- lib.rs\nmod p;\n//- p/mod.rs\n{text}\n{children}"));
        assert_eq!(parent("mod a; mod b; pub use a::A; pub(crate) use b::*;"), [""; 0]);
        assert_eq!(parent("mod a; mod b; pub use a::A; fn f(_: b::B) {}"), [""; 0]);
        assert_eq!(
            parent(
                "mod a { pub use super::super::p::c::A; } mod b; mod c { pub struct A; } pub use a::A;"
            ),
            [""; 0]
        );
        let defines = "mod b; pub struct A; ";
        assert_eq!(parent(defines), [""; 0]);
        assert_eq!(parent(&format!("{defines} pub use b::B;")), [""; 0]);
        assert_eq!(parent(&format!("{defines} fn f(_: b::B) {{}}")), ["p/b.rs p/mod.rs"]);
        assert_eq!(parent(&format!("{defines} use b::B;")), ["p/b.rs p/mod.rs"]);
        assert_eq!(
            parent(&format!("{defines} pub use b::B; fn f(_: B) {{}}")),
            ["p/b.rs p/mod.rs"]
        );
    }

    #[test]
    fn modules_are_found_where_they_are_declared() {
        let elsewhere = "//- lib.rs\n#[path = \"x/y.rs\"] mod a; mod b;\n//- x/y.rs\nmod c;\n\
                         //- x/c.rs\nuse crate::b::B; pub struct C;\n\
                         //- b/mod.rs\npub struct B(crate::a::c::C);\n";
        assert_eq!(circles(elsewhere), ["b/mod.rs x/c.rs"]);
        let by_macro = "//- lib.rs\nmod p;\n//- p/mod.rs\nmods! { a, b }\n\
                        //- p/a.rs\nuse super::b::B; pub struct A;\n//- p/b.rs\nuse super::a::A; pub struct B;\n";
        assert_eq!(circles(by_macro), ["p/a.rs p/b.rs"]);
    }

    #[test]
    fn what_a_macro_makes_is_defined_where_it_is_called() {
        let made = "//- lib.rs\n#[macro_use] mod m; mod a;\n//- m.rs\nmacro_rules! make { () => { pub struct A; } } \
                    make!(); pub struct M(crate::a::B);\n//- a.rs\npub struct B; ";
        assert_eq!(circles(&format!("{made} fn f(_: crate::m::A) {{}}")), ["a.rs m.rs"]);
        let above = "//- lib.rs\nmacro_rules! make { () => {} } mod a; fn f() { a::f() }\n//- a.rs\npub fn f() { make!() }";
        assert_eq!(circles(above), ["a.rs lib.rs"]);
    }

    #[test]
    fn long_circles_are_found_whole_and_each_alone() {
        let text = "//- lib.rs\nmod a; mod b; mod c; mod d; mod e; fn f() { e::f(); a::f() }\n\
                    //- a.rs\npub fn f() { crate::b::f() }\n//- b.rs\npub fn f() { crate::c::f() }\n\
                    //- c.rs\npub fn f() { crate::a::f() }\n\
                    //- d.rs\npub fn f() { crate::e::f(); crate::a::f() }\n//- e.rs\npub fn f() { crate::d::f() }\n";
        assert_eq!(circles(text), ["a.rs b.rs c.rs", "d.rs e.rs"]);
    }
}
