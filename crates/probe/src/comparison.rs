//! What a network is compared with, to see what it loses to each guideline: itself rewritten, and
//! its operators alone.

use crate::{experiment::Subject, record::Purpose};
use ops::{
    Graph, Op,
    counterfactual::{
        Merged, alone, merged_branches, with_balanced_channels, without_element_wise,
        without_groups,
    },
};
use profile::{Comparison, Guideline, Level, Rewrite};

/// Everything to measure for one network; the sides of each comparison are measured in turn.
#[derive(Clone, Debug)]
pub struct ComparisonPlan {
    /// Operators of the network: each alone as it is, then rewritten.
    pub operators: Vec<Vec<Subject>>,
    /// The whole network as it is, then rewritten.
    pub network: Vec<Subject>,
}

impl ComparisonPlan {
    /// The plan of `graph`.
    pub fn of(graph: &Graph) -> Self {
        let operators = operators(graph);
        let mut obeys: Vec<Guideline> = [Guideline::G1, Guideline::G2]
            .into_iter()
            .filter(|g| !operators.iter().flatten().any(|s| rewritten_for(s) == Some(*g)))
            .collect();
        let merged = merged_branches(graph);
        if merged.merged.is_empty() && merged.left.is_empty() {
            obeys.push(Guideline::G3);
        }
        let bare = bare(graph);
        if bare.is_none() {
            obeys.push(Guideline::G4);
        }
        let as_it_is = side(graph);
        let rewritten = [joined(merged), bare].into_iter().flatten().map(|(graph, rewrite)| {
            subject(graph, Comparison { rewrite: Some(rewrite), ..as_it_is.clone() })
        });
        let rewritten: Vec<Subject> = rewritten.collect();
        let mut network = vec![subject(graph.clone(), Comparison { obeys, ..as_it_is })];
        network.extend(rewritten);
        Self { operators, network }
    }

    /// Everything to measure.
    pub fn subjects(self) -> impl Iterator<Item = Subject> {
        self.operators.into_iter().flatten().chain(self.network)
    }

    /// The plan with every graph lowered to `level`.
    pub fn at(self, level: Level) -> Self {
        let lower = |s: Subject| Subject { graph: s.graph.at(level), ..s };
        let all = |subjects: Vec<Subject>| subjects.into_iter().map(lower).collect();
        Self {
            operators: self.operators.into_iter().map(all).collect(),
            network: all(self.network),
        }
    }
}

/// The whole network as it is.
fn side(graph: &Graph) -> Comparison {
    Comparison {
        network: graph.name.clone(),
        input: graph.inputs[0],
        operator: None,
        times: 1,
        rewrite: None,
        obeys: Vec::new(),
    }
}

const fn subject(graph: Graph, side: Comparison) -> Subject {
    Subject { graph, purpose: Purpose::Comparison(side) }
}

fn rewritten_for(subject: &Subject) -> Option<Guideline> {
    match &subject.purpose {
        Purpose::Comparison(side) => side.rewrite.as_ref().map(|r| r.guideline),
        _ => None,
    }
}

/// G1 and G2: every convolution that can be rewritten, those of one shape once.
fn operators(graph: &Graph) -> Vec<Vec<Subject>> {
    let is = |i: usize| (&graph.nodes[i].op, graph.input_shapes(&graph.nodes[i]));
    let convs = (0..graph.nodes.len()).filter(|&i| matches!(graph.nodes[i].op, Op::Conv2d(_)));
    let convs: Vec<usize> = convs.collect();
    let mut comparisons = Vec::new();
    for (seen, &i) in convs.iter().enumerate() {
        if convs[..seen].iter().any(|&before| is(before) == is(i)) {
            continue;
        }
        let times = convs.iter().filter(|&&other| is(other) == is(i)).count();
        let operator = Some(graph.nodes[i].name.clone());
        let own = Comparison { operator, times, ..side(graph) };
        let as_it_is = alone(graph, i);
        let rewritten: Vec<Subject> = [
            (Guideline::G1, with_balanced_channels(graph, i)),
            (Guideline::G2, without_groups(graph, i)),
        ]
        .into_iter()
        .filter_map(|(guideline, other)| {
            let other = other?;
            let changed = channels(&as_it_is, &other);
            let rewrite = Some(Rewrite { guideline, changed });
            Some(subject(other, Comparison { rewrite, ..own.clone() }))
        })
        .collect();
        if !rewritten.is_empty() {
            comparisons.push([vec![subject(as_it_is, own)], rewritten].concat());
        }
    }
    comparisons
}

/// `conv3: 24→144 channels made 56→64, mult-adds +3.7 %`.
fn channels(as_it_is: &Graph, other: &Graph) -> String {
    let of = |graph: &Graph| format!("{}→{}", graph.inputs[0].c, graph.nodes[0].output.c);
    let groups = match &as_it_is.nodes[0].op {
        Op::Conv2d(conv) if conv.groups > 1 => format!(" in {} groups", conv.groups),
        _ => String::new(),
    };
    format!(
        "{}: {} channels{groups} made {}, mult-adds {}",
        as_it_is.nodes[0].name,
        of(as_it_is),
        of(other),
        drift(as_it_is.cost().mul_adds, other),
    )
}

fn drift(before: u64, after: &Graph) -> String {
    format!("{:+.1} %", (after.cost().mul_adds as f64 / before as f64 - 1.0) * 100.0)
}

/// G3; `None` where nothing was merged.
fn joined(Merged { graph, merged, left }: Merged) -> Option<(Graph, Rewrite)> {
    let all = merged.len() + left.len();
    let changed = format!(
        "{} of {all} regions of branches (they end at {}) made one branch each: the heaviest, \
         widened inside to do the mult-adds of all",
        merged.len(),
        listed(&merged),
    );
    (!merged.is_empty()).then_some((graph, Rewrite { guideline: Guideline::G3, changed }))
}

/// The first three names.
fn listed(names: &[String]) -> String {
    let some = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { some + ", …" } else { some }
}

/// G4; `None` where the network has no such operator.
fn bare(graph: &Graph) -> Option<(Graph, Rewrite)> {
    let rewritten = without_element_wise(graph);
    let removed = graph.nodes.len() - rewritten.nodes.len();
    let changed = format!(
        "{removed} element-wise operators removed (activations, additions, products, batch norms \
         that stand alone): whoever read one reads its first input; every other operator still runs"
    );
    (removed > 0).then_some((rewritten, Rewrite { guideline: Guideline::G4, changed }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ops::Epilogue;
    use zoo::Options;

    fn plan(model: &str) -> ComparisonPlan {
        ComparisonPlan::of(
            &zoo::build(model, Options::default()).expect("a network").at(Level::Folded),
        )
    }

    fn sides(subjects: &[Subject]) -> Vec<Comparison> {
        let side = |s: &Subject| match &s.purpose {
            Purpose::Comparison(side) => side.clone(),
            other => panic!("{other:?}"),
        };
        subjects.iter().map(side).collect()
    }

    #[test]
    fn mobilenet_v2_by_hand() {
        let plan = plan("mobilenet_v2");
        let network = sides(&plan.network);
        assert_eq!(network[0].obeys, [Guideline::G2, Guideline::G3]);
        let rewritten: Vec<_> = plan.network.iter().map(rewritten_for).collect();
        assert_eq!(rewritten, [None, Some(Guideline::G4)]);
        let all: Vec<Comparison> = plan.operators.iter().flat_map(|s| sides(s)).collect();
        // 24 → 144 at 56×56 and back: each once before the stage's end.
        let expand = all.iter().find(|s| {
            s.rewrite.as_ref().is_some_and(|r| r.changed.contains("24→144 channels made"))
        });
        assert!(expand.is_some_and(|s| s.times == 2), "{all:#?}");
    }

    #[test]
    fn a_fused_plan_is_rewritten_first() {
        let plan = plan("mobilenet_v2");
        let fused = plan.clone().at(Level::Fused);
        let [own, bare] = fused.network.as_slice() else { panic!("{:?}", fused.network.len()) };
        assert!(own.graph.nodes.len() < plan.network[0].graph.nodes.len());
        // Every convolution stands in both; the bare one has neither additions nor activations.
        assert_eq!(own.graph.nodes.len(), bare.graph.nodes.len());
        let ends = |s: &Subject| {
            s.graph.nodes.iter().filter(|n| n.epilogue != Epilogue::default()).count()
        };
        assert!(ends(own) > 40 && ends(bare) == 0, "{} {}", ends(own), ends(bare));
        assert_eq!(sides(&fused.network), sides(&plan.network));
    }

    #[test]
    fn shufflenet_v1_pays_for_groups_and_branches() {
        let plan = plan("shufflenet_v1(groups=3)");
        let rewritten: Vec<_> = plan.network.iter().map(rewritten_for).collect();
        assert_eq!(rewritten, [None, Some(Guideline::G3), Some(Guideline::G4)]);
        assert!(plan.operators.iter().flatten().any(|s| rewritten_for(s) == Some(Guideline::G2)));
        for comparison in &plan.operators {
            let sides = sides(comparison);
            assert!(sides[0].rewrite.is_none() && sides[0].operator.is_some());
            assert!(sides[1..].iter().all(|s| s.rewrite.is_some()));
            assert!(sides.iter().all(|s| s.operator == sides[0].operator));
        }
    }
}
