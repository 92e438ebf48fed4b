//! The drawn measurements as a trace in Chrome's trace-event format, which <https://ui.perfetto.dev> opens.
//!
//! One process a device, one thread a measured network, in the order in which they were measured; its
//! operators are laid end to end by their medians. Points of experiments and sides of comparisons, a
//! thousand networks of few operators, are left out: `ops.csv` has theirs.

use crate::{
    analysis::{Analysis, Operator, timed},
    group::grouped,
    place::Place,
};
use serde_json::{Value, json};

/// The trace of the networks that are `drawn`. Emulated devices have no times and are left out.
pub fn trace(rendered: &[&Analysis]) -> String {
    let mut events = Events(String::new());
    let rendered = rendered.iter().copied().filter(|a| timed(&a.profile));
    let devices = grouped(rendered, |a| (Place::of(&a.profile).device, &a.profile.machine));
    // Processes and threads are numbered in one row, so that no thread is taken for a process's first.
    let mut id = 0;
    for device in devices {
        id += 1;
        let pid = id;
        let name = json!({"name": device[0].profile.device.label()});
        events.push(&json!({"ph": "M", "name": "process_name", "pid": pid, "args": name}));
        for a in device {
            id += 1;
            measurement(a, (pid, id), &mut events);
        }
    }
    format!("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{}\n]}}\n", events.0)
}

/// Events as JSON, a line each.
struct Events(String);

impl Events {
    fn push(&mut self, event: &Value) {
        if !self.0.is_empty() {
            self.0 += ",\n";
        }
        self.0 += &event.to_string();
    }
}

fn measurement(a: &Analysis, (pid, tid): (usize, usize), events: &mut Events) {
    let threads = match a.profile.threads {
        1 => "1 thread".to_owned(),
        n => format!("{n} threads"),
    };
    let name = json!({"name": format!("{}, {threads}{}", a.network(), a.noisy())});
    events.push(&json!({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": name}));
    let order = json!({"sort_index": tid});
    events.push(
        &json!({"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "args": order}),
    );
    let mut end = 0.0;
    for (op, ns) in a.ops.iter().filter_map(|op| Some((op, op.ns()?))) {
        let start = end;
        end += ns;
        events.push(&slice(op, (start.round() as u64, end.round() as u64), (pid, tid)));
    }
}

/// An operator from one nanosecond to another.
fn slice(op: &Operator, (start, end): (u64, u64), (pid, tid): (usize, usize)) -> Value {
    let r = &op.record;
    json!({
        "ph": "X", "name": r.name, "cat": r.class.name(), "pid": pid, "tid": tid,
        "ts": micros(start), "dur": micros(end - start),
        "args": {
            "operator": op.what(),
            "output": r.output.to_string(),
            "kernel": r.kernel,
            "executed FLOPs": r.executed_flops.unwrap_or(r.flops),
            "mul_adds": r.mul_adds,
            "flops": r.flops,
            "access_bytes": r.access.bytes(),
            "gflops": op.gflops(),
            "gbytes_per_s": op.gbytes_per_s(),
        },
    })
}

/// Nanoseconds as the microseconds that a reader turns into the same whole nanoseconds. Perfetto multiplies
/// by 1000 and cuts off what is behind the point; the nearest float of 1.001 would become 1000 ns, and two
/// operators in a row would overlap. No run that a profile can hold is too long: up to 2⁵¹ ns errors of
/// rounding are below a nanosecond.
fn micros(ns: u64) -> f64 {
    let nearest = ns as f64 / 1e3;
    if perfetto(nearest) < ns { nearest.next_up() } else { nearest }
}

/// Nanoseconds as Perfetto reads them.
fn perfetto(micros: f64) -> u64 {
    (micros * 1000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, measurements::Measurements, selection::Selection};
    use profile::Profile;
    use proptest::prelude::*;

    fn events(profiles: &[Profile]) -> Vec<Value> {
        let measured = Measurements::of(profiles);
        let rendered = Selection::of(measured.all()).rendered;
        let trace: Value = serde_json::from_str(&trace(&rendered)).unwrap();
        trace["traceEvents"].as_array().unwrap().clone()
    }

    /// `int64(ts · 1000)`.
    fn ns(value: &Value) -> u64 {
        perfetto(value.as_f64().unwrap())
    }

    #[test]
    fn operators_lie_end_to_end_as_perfetto_reads_them() {
        let profiles = [
            fixture::shufflenet_on(fixture::core(), 1),
            fixture::shufflenet_on(fixture::emulated(), 1),
            fixture::profile("other", fixture::plain(20), fixture::core(), 3),
        ];
        let events = events(&profiles);
        for profile in [&profiles[0], &profiles[2]] {
            let named = |e: &&Value| {
                let name = e["args"]["name"].as_str().unwrap_or_default();
                e["name"] == "thread_name" && name.starts_with(&profile.model)
            };
            let tid = &events.iter().find(named).unwrap()["tid"];
            let slices: Vec<_> =
                events.iter().filter(|e| e["ph"] == "X" && e["tid"] == *tid).collect();
            assert_eq!(slices.len(), profile.ops.len());
            let mut end = 0;
            for slice in slices {
                assert_eq!(ns(&slice["ts"]), end);
                end += ns(&slice["dur"]);
            }
            let sum = Analysis::of(profile).operators_ns().unwrap();
            assert_eq!(end, sum.round() as u64, "nothing is lost on the way");
        }
    }

    #[test]
    fn a_device_is_a_process_and_a_network_a_thread() {
        let mut profiles = fixture::compared("shufflenet_v2", fixture::core());
        profiles.extend(fixture::compared("shufflenet_v1", fixture::core()));
        profiles.extend(fixture::experiment(profile::Guideline::G1, fixture::core(), [1.0; 4]));
        profiles.push(fixture::shufflenet_on(fixture::rasteriser(), 1));
        let two = Profile { threads: 2, ..fixture::shufflenet_on(fixture::core(), 1) };
        profiles.push(two);
        let events = events(&profiles);
        let names = |kind: &str| -> Vec<String> {
            let named = events.iter().filter(|e| e["name"] == kind);
            named.map(|e| e["args"]["name"].as_str().unwrap().to_owned()).collect()
        };
        let processes = names("process_name");
        assert_eq!(processes.len(), 2, "{processes:?}");
        assert!(processes[0].contains("real") && processes[1].contains("software-rendered"));
        let threads = names("thread_name");
        assert_eq!(threads.len(), 4, "{threads:?}");
        assert!(threads.iter().any(|name| name.ends_with("2 threads")), "{threads:?}");
    }

    proptest! {
        #[test]
        fn whole_nanoseconds_stay_what_they_are(ns in 0..=1_u64 << 51) {
            for ns in [ns, ns >> 10, ns >> 20, ns >> 30, ns >> 41] {
                prop_assert_eq!(perfetto(micros(ns)), ns);
            }
        }
    }
}
