//! A plan made ready: shaders compiled, weights uploaded, buffers bound.

use super::{
    Binding, Dispatch, Plan,
    context::{Context, Weight},
};
use crate::SessionError;
use std::{collections::HashMap, time::Instant};

/// Compiled shaders, by text and constants.
pub(super) struct Pipelines {
    /// Whether shaders check their own indices and loops.
    checks: bool,
    modules: HashMap<Vec<&'static str>, wgpu::ShaderModule>,
    ready: HashMap<Key, Pipeline>,
    /// Time spent compiling, nanoseconds.
    pub compile_ns: u64,
}

/// Text, constants (as bits) and kinds of bindings.
type Key = (Vec<&'static str>, Vec<(&'static str, u64)>, Vec<Kind>);

#[derive(Clone)]
struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

/// How a binding is declared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Read,
    Write,
    Texture,
}

impl Pipelines {
    /// None yet.
    pub fn new(checks: bool) -> Self {
        Self { checks, modules: HashMap::new(), ready: HashMap::new(), compile_ns: 0 }
    }

    fn get(&mut self, context: &Context, dispatch: &Dispatch, kinds: Vec<Kind>) -> Pipeline {
        let constants = dispatch.constants.iter().map(|(n, v)| (*n, v.to_bits())).collect();
        let key: Key = (dispatch.parts.clone(), constants, kinds);
        if let Some(pipeline) = self.ready.get(&key) {
            return pipeline.clone();
        }
        let start = Instant::now();
        let pipeline = self.compile(context, dispatch, &key.2);
        self.compile_ns += super::session::nanos(start);
        self.ready.insert(key, pipeline.clone());
        pipeline
    }

    fn compile(&mut self, context: &Context, dispatch: &Dispatch, kinds: &[Kind]) -> Pipeline {
        let device = &context.device;
        let checks = self.checks;
        let module = self.modules.entry(dispatch.parts.clone()).or_insert_with(|| {
            let source = wgpu::ShaderSource::Wgsl(dispatch.source().into());
            let descriptor = wgpu::ShaderModuleDescriptor { label: None, source };
            if checks {
                return device.create_shader_module(descriptor);
            }
            // SAFETY: without checks a shader must stay inside its bindings and end its loops. The
            // shaders are this crate's own, each has run with checks on against the f64 reference
            // (where an index outside a binding reads another place and gives a wrong result), and
            // all loops are bounded by override constants and shapes.
            unsafe {
                device.create_shader_module_trusted(
                    descriptor,
                    wgpu::ShaderRuntimeChecks::unchecked(),
                )
            }
        });
        let entries: Vec<wgpu::BindGroupLayoutEntry> =
            kinds.iter().zip(0..).map(|(kind, binding)| entry(*kind, binding)).collect();
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&pipeline_layout),
            module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &dispatch.constants,
                // No shader reads workgroup memory that it has not written.
                zero_initialize_workgroup_memory: self.checks,
            },
            cache: None,
        });
        Pipeline { pipeline, layout }
    }
}

fn entry(kind: Kind, binding: u32) -> wgpu::BindGroupLayoutEntry {
    let buffer = |read_only| wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Storage { read_only },
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let ty = match kind {
        Kind::Read => buffer(true),
        Kind::Write => buffer(false),
        Kind::Texture => wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
    };
    let visibility = wgpu::ShaderStages::COMPUTE;
    wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None }
}

/// One node, ready.
pub(super) struct Step {
    dispatches: Vec<Ready>,
}

struct Ready {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 3],
}

impl Step {
    /// Compiles, uploads and binds what `plan` says.
    pub fn prepare(
        context: &Context,
        pipelines: &mut Pipelines,
        plan: &Plan,
        packed: &[Vec<f32>],
        inputs: &[&wgpu::Buffer],
        output: &wgpu::Buffer,
    ) -> Result<Self, SessionError> {
        let weights = plan
            .weights
            .iter()
            .zip(packed)
            .map(|(place, data)| context.upload(*place, data))
            .collect::<Result<Vec<Weight>, _>>()?;
        let ready = |dispatch: &Dispatch| {
            let resources: Vec<(Kind, wgpu::BindingResource<'_>)> = dispatch
                .bindings
                .iter()
                .map(|binding| match *binding {
                    Binding::Input(i) => (Kind::Read, inputs[i].as_entire_binding()),
                    Binding::Output => (Kind::Write, output.as_entire_binding()),
                    Binding::Weight(i) => match &weights[i] {
                        Weight::Buffer(buffer) => (Kind::Read, buffer.as_entire_binding()),
                        Weight::Texture(view) => {
                            (Kind::Texture, wgpu::BindingResource::TextureView(view))
                        }
                    },
                })
                .collect();
            let kinds = resources.iter().map(|(kind, _)| *kind).collect();
            let Pipeline { pipeline, layout } = pipelines.get(context, dispatch, kinds);
            let entries: Vec<wgpu::BindGroupEntry<'_>> = resources
                .into_iter()
                .zip(0..)
                .map(|((_, resource), binding)| wgpu::BindGroupEntry { binding, resource })
                .collect();
            let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &layout,
                entries: &entries,
            });
            Ready { pipeline, bindings, workgroups: dispatch.workgroups }
        };
        Ok(Self { dispatches: plan.dispatches.iter().map(ready).collect() })
    }

    /// Records its dispatches.
    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        for Ready { pipeline, bindings, workgroups: [x, y, z] } in &self.dispatches {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }
}
