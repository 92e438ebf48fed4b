//! A folder of models that other programs exported, each with what is true of it (`corpus/make.py` makes
//! one): `ONNX_CORPUS=FOLDER cargo test -p onnx --test corpus -- --ignored --nocapture`.

use onnx::Options;
use ops::{
    Session, Tensor,
    cpu::{CpuOptions, CpuSession},
};
use profile::Level;
use serde_json::Value;
use std::{fs, path::Path};

/// Element i is splitmix64's i-th output (state 0): its top 24 bits over 2²³, less 1.
fn drawn(i: usize) -> f32 {
    let mut z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

fn check(folder: &Path, net: &Value, file: &Value) -> Result<String, String> {
    let size = |i: usize| file["inputs"][0]["shape"][i].as_u64().unwrap_or(1) as usize;
    let options = Options { batch: size(0), input: Some((size(2), size(3))) };
    let path = folder.join("files").join(file["file"].as_str().unwrap());
    let start = std::time::Instant::now();
    let graph = onnx::read(&path, options).map_err(|e| e.to_string())?;
    let took = start.elapsed();
    let cost = graph.cost();
    let wanted = file["mult_adds_file"]["total"].as_u64().unwrap_or(0);
    if cost.mul_adds != wanted {
        return Err(format!("{} mult-adds instead of {wanted}", cost.mul_adds));
    }
    let wanted = file["params_in_file"].as_u64().unwrap_or(0);
    if cost.params != wanted {
        return Err(format!("{} parameters instead of {wanted}", cost.params));
    }
    let _ = net;
    let s = graph.input;
    let input = Tensor::from_fn(s, |[n, c, h, w]| drawn(((n * s.c + c) * s.h + h) * s.w + w));
    let graph = graph.at(Level::Fused);
    let mut session =
        CpuSession::prepare(&graph, CpuOptions::default()).map_err(|e| e.to_string())?;
    session.set_input(&input).map_err(|e| e.to_string())?;
    session.run().map_err(|e| e.to_string())?;
    let output = session.fetch(graph.output.node().unwrap()).map_err(|e| e.to_string())?.to_nchw();
    let truth = &file["outputs"][0];
    let largest = truth["max"].as_f64().unwrap();
    let first = truth["first8"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap());
    let off = first.zip(&output).map(|(t, &o)| (t - f64::from(o)).abs()).fold(0.0, f64::max);
    let norm = output.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    let norm_off = (norm / truth["l2"].as_f64().unwrap() - 1.0).abs();
    if off > 1e-4 * largest || norm_off > 1e-4 {
        return Err(format!("output is off by {off:e} of {largest}, its norm by {norm_off:e}"));
    }
    Ok(format!("{} nodes, {:.0} ms", graph.nodes.len(), took.as_secs_f64() * 1e3))
}

#[test]
#[ignore = "needs a folder of models"]
fn every_model_is_read_and_computes_what_it_should() {
    let folder = std::env::var("ONNX_CORPUS").expect("ONNX_CORPUS names the folder");
    let folder = Path::new(&folder);
    let only = std::env::var("ONNX_ONLY").unwrap_or_default();
    let mut parts: Vec<_> =
        fs::read_dir(folder.join("parts")).unwrap().map(|e| e.unwrap().path()).collect();
    parts.sort();
    let (mut good, mut all) = (0, 0);
    for part in parts {
        let part: Value = serde_json::from_slice(&fs::read(part).unwrap()).unwrap();
        for file in part["files"].as_array().unwrap() {
            let name = file["name"].as_str().unwrap();
            if !name.contains(&only) || file["outputs"].is_null() {
                continue;
            }
            all += 1;
            match check(folder, &part["net"], file) {
                Ok(what) => {
                    good += 1;
                    println!("ok   {name}: {what}");
                }
                Err(why) => println!("FAIL {name}: {}", why.chars().take(900).collect::<String>()),
            }
        }
    }
    println!("{good} of {all}");
}
