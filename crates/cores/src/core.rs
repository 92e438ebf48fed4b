//! A core: what it does in a cycle, and how its caches are built.

use super::{
    cache::Replacement,
    figure::{Described, Figure, Flaw, Sources, demand, demand_count, demand_source},
    resource::Resource,
};
use profile::{Instruction, Vectors};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Most instructions a cycle, and most cycles that one takes.
const MOST: f64 = 1000.0;

/// A core as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// Its name, for people.
    pub name: String,
    /// What processors that are it call themselves, where not by its name: on x86 `family 25, model 17`.
    #[serde(default)]
    pub known_as: Vec<String>,
    /// The vectors that it computes with.
    #[serde(default)]
    pub vectors: Vectors,
    /// Whether instructions overtake each other.
    pub order: Order,
    sources: Sources,
    /// What a cycle has room for.
    pub cycle: Cycle,
    /// Instructions of which the first has not ended while the last is looked at. In order: those among which a
    /// compiler moves loads ahead of what uses them.
    pub window: Figure<usize>,
    /// Cycles until a result can be used: that of `add` holds for all operations that are not named, that of `load`
    /// for all loads.
    latency: BTreeMap<Instruction, Figure>,
    /// The same for a sum that the next multiply-add of a chain adds to.
    pub accumulate: Figure,
    /// Vector slots that an instruction takes, where it is not one (no slot for loads and stores).
    #[serde(default)]
    slots: BTreeMap<Instruction, Figure>,
    /// The caches, the nearest first.
    #[serde(rename = "cache")]
    pub caches: Spanned<Vec<CacheShape>>,
    /// Lines that it waits for at once.
    pub outstanding_lines: Figure,
    /// Bytes a cycle that the first-level cache gets from the second at most.
    pub refill_bytes: Figure,
    /// How much of the shorter of two times, its own and memory's, hides behind the longer.
    pub overlap: Figure,
}

/// Whether instructions overtake each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// They do not: what they take adds up.
    In,
    /// They do: what takes longest hides the rest.
    Out,
}

/// What a cycle has room for: instructions, vector operations, loads and stores of vectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    pub dispatch: Figure,
    pub vector: Figure,
    pub load: Figure,
    pub store: Figure,
}

/// How a cache is built, whatever its size.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheShape {
    /// Lines of a set.
    pub ways: Figure<usize>,
    /// Bytes of a line.
    pub line: Figure<usize>,
    /// Which line of a set makes room.
    pub replacement: Figure<Replacement>,
    /// Whether it holds only what the level before it let go.
    #[serde(default)]
    pub exclusive: Option<Figure<bool>>,
}

impl Core {
    /// Cycles until the result of `instruction` can be used.
    pub fn latency(&self, instruction: Instruction) -> f64 {
        let of_kind = match instruction {
            Instruction::Broadcast | Instruction::Load | Instruction::LoadPart => Instruction::Load,
            Instruction::Store | Instruction::StorePart => return 1.0,
            _ => Instruction::Add,
        };
        let figure = self.latency.get(&instruction).or_else(|| self.latency.get(&of_kind));
        figure.map_or(1.0, Figure::get)
    }

    /// Cycles that each resource of the core takes alone for `instructions`, loads by so many times what the figures
    /// say, and `chains`. Where memory can be an operand, loads are dispatched with the operations on vectors.
    pub fn cycles(
        &self,
        instructions: &BTreeMap<Instruction, u64>,
        chains: u64,
        loads: f64,
    ) -> BTreeMap<Resource, f64> {
        use Instruction::{Broadcast, Load, LoadPart, Store, StorePart};
        let of = |kinds: &[Instruction]| {
            kinds.iter().filter_map(|kind| instructions.get(kind)).sum::<u64>() as f64
        };
        let slots: f64 = instructions.iter().map(|(&i, &n)| self.slots(i) * n as f64).sum();
        let loaded = of(&[Broadcast, Load, LoadPart]);
        let all = instructions.values().sum::<u64>() as f64;
        let moves = loaded + of(&[Store, StorePart]);
        let operands = if self.vectors.in_memory() { loaded.min(all - moves) } else { 0.0 };
        let Cycle { dispatch, vector, load, store } = &self.cycle;
        BTreeMap::from([
            (Resource::Vector, slots / vector.get()),
            (Resource::Load, loads * loaded / load.get()),
            (Resource::Store, of(&[Store, StorePart]) / store.get()),
            (Resource::Dispatch, (all - operands) / dispatch.get()),
            (Resource::Chains, chains as f64),
        ])
    }

    /// What they take together: out of order, as long as the longest; in order, those that issue add up.
    pub fn together(&self, cycles: &BTreeMap<Resource, f64>) -> f64 {
        let longest = cycles.values().copied().fold(0.0, f64::max);
        let issued = [Resource::Vector, Resource::Load, Resource::Store];
        match self.order {
            Order::Out => longest,
            Order::In => longest.max(issued.iter().map(|resource| cycles[resource]).sum()),
        }
    }

    /// Vector slots that `instruction` takes.
    fn slots(&self, instruction: Instruction) -> f64 {
        let usual = match instruction {
            Instruction::Broadcast
            | Instruction::Load
            | Instruction::LoadPart
            | Instruction::Store
            | Instruction::StorePart => 0.0,
            _ => 1.0,
        };
        self.slots.get(&instruction).map_or(usual, Figure::get)
    }
}

impl Described for Core {
    fn check(&self) -> Result<(), Flaw> {
        let sources = &self.sources;
        let above_0 = (1.0 / MOST, MOST);
        let Cycle { dispatch, vector, load, store } = &self.cycle;
        let figures = [
            ("cycle.dispatch", dispatch),
            ("cycle.vector", vector),
            ("cycle.load", load),
            ("cycle.store", store),
            ("accumulate", &self.accumulate),
            ("outstanding_lines", &self.outstanding_lines),
            ("refill_bytes", &self.refill_bytes),
        ];
        for (field, figure) in figures {
            demand(field, figure, above_0, sources)?;
        }
        demand("overlap", &self.overlap, (0.0, 1.0), sources)?;
        demand_count("window", &self.window, 100_000, sources)?;
        for (table, figures) in [("latency", &self.latency), ("slots", &self.slots)] {
            for (instruction, figure) in figures {
                demand(&format!("{table}.{instruction}"), figure, (0.0, MOST), sources)?;
            }
        }
        for needed in [Instruction::Fma, Instruction::Add, Instruction::Load] {
            if !self.latency.contains_key(&needed) {
                return Err((0..0, format!("missing field `latency.{needed}`")));
            }
        }
        self.check_caches()
    }
}

impl Core {
    fn check_caches(&self) -> Result<(), Flaw> {
        let (sources, caches) = (&self.sources, self.caches.get_ref());
        let refuse = |what: &str| Err((self.caches.span(), what.to_owned()));
        for (i, cache) in caches.iter().enumerate() {
            let field = |name: &str| format!("cache[{i}].{name}");
            demand_count(&field("ways"), &cache.ways, 64, sources)?;
            demand_count(&field("line"), &cache.line, 4096, sources)?;
            demand_source(&field("replacement"), &cache.replacement, sources)?;
            if let Some(exclusive) = &cache.exclusive {
                demand_source(&field("exclusive"), exclusive, sources)?;
                if i == 0 && exclusive.get() {
                    return refuse("cache[0].exclusive: there is no level before the first");
                }
            }
            let (ways, line) = (cache.ways.get(), cache.line.get());
            if cache.replacement.get() == Replacement::PseudoLru && !ways.is_power_of_two() {
                return refuse(&format!(
                    "cache[{i}].ways is {ways}: pseudo-LRU needs a power of 2"
                ));
            }
            if !line.is_power_of_two() || line < 16 || line != caches[0].line.get() {
                let what = "expected a power of 2 from 16 on, the same at each level";
                return refuse(&format!("cache[{i}].line is {line}: {what}"));
            }
        }
        if caches.is_empty() { refuse("expected at least one [[cache]]") } else { Ok(()) }
    }
}
