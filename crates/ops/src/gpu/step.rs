//! A plan made ready: shaders compiled, weights uploaded, buffers bound.

use super::{Binding, Candidate, Dispatch, KernelPlan, context::Context, memory::Memory};
use crate::{SessionError, Tensor};
use profile::nanos;
use std::{collections::HashMap, time::Instant};

/// Compiled shaders, by text and constants.
pub(super) struct Pipelines {
    /// Whether shaders check their own indices and loops.
    checks: bool,
    modules: HashMap<String, wgpu::ShaderModule>,
    ready: HashMap<Key, Pipeline>,
    /// Time spent compiling, nanoseconds.
    pub compile_ns: u64,
}

/// Text and constants (as bits).
type Key = (String, Vec<(String, u64)>);

#[derive(Clone)]
struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Pipelines {
    /// None yet.
    pub fn new(checks: bool) -> Self {
        Self { checks, modules: HashMap::new(), ready: HashMap::new(), compile_ns: 0 }
    }

    /// The pipeline of a dispatch whose bindings are these, labelled by the first node that wants it.
    fn get(
        &mut self,
        context: &Context,
        label: &str,
        dispatch: &Dispatch,
        bound: &[Bound<'_>],
    ) -> Pipeline {
        let shifts = bound.iter().enumerate().filter_map(|(i, (_, memory))| match memory {
            Memory::Buffer(_) => None,
            Memory::Texture(texels) => Some((format!("SHIFT_{i}"), f64::from(texels.shift))),
        });
        let own = dispatch.constants.iter().map(|(name, value)| ((*name).to_owned(), *value));
        let constants: Vec<(String, f64)> = own.chain(shifts).collect();
        let bits = constants.iter().map(|(name, value)| (name.clone(), value.to_bits())).collect();
        let key = (dispatch.source(|i| bound[i].1.is_texture()), bits);
        if let Some(pipeline) = self.ready.get(&key) {
            return pipeline.clone();
        }
        let start = Instant::now();
        let entries: Vec<wgpu::BindGroupLayoutEntry> =
            bound.iter().zip(0..).map(|((binding, m), i)| entry(**binding, m, i)).collect();
        let pipeline = self.compile(context, label, &key.0, &constants, &entries);
        self.compile_ns += nanos(start.elapsed());
        self.ready.insert(key, pipeline.clone());
        pipeline
    }

    fn compile(
        &mut self,
        context: &Context,
        label: &str,
        source: &str,
        constants: &[(String, f64)],
        entries: &[wgpu::BindGroupLayoutEntry],
    ) -> Pipeline {
        let label = Some(label);
        let device = &context.device;
        let checks = self.checks;
        let module = self.modules.entry(source.to_owned()).or_insert_with(|| {
            let source = wgpu::ShaderSource::Wgsl(source.into());
            let descriptor = wgpu::ShaderModuleDescriptor { label, source };
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
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let constants: Vec<(&str, f64)> =
            constants.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: Some(&pipeline_layout),
            module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants,
                // No shader reads workgroup memory that it has not written.
                zero_initialize_workgroup_memory: self.checks,
            },
            cache: None,
        });
        Pipeline { pipeline, layout }
    }
}

/// A binding and what it is bound to.
type Bound<'a> = (&'a Binding, &'a Memory);

/// How a binding is declared.
fn entry(binding: Binding, memory: &Memory, i: u32) -> wgpu::BindGroupLayoutEntry {
    let written = binding.is_written();
    let view_dimension = wgpu::TextureViewDimension::D2;
    let ty = match memory {
        Memory::Buffer(_) => wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Storage { read_only: !written },
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        Memory::Texture(_) if written => wgpu::BindingType::StorageTexture {
            access: wgpu::StorageTextureAccess::WriteOnly,
            format: wgpu::TextureFormat::Rgba32Float,
            view_dimension,
        },
        Memory::Texture(_) => wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension,
            multisampled: false,
        },
    };
    let visibility = wgpu::ShaderStages::COMPUTE;
    wgpu::BindGroupLayoutEntry { binding: i, visibility, ty, count: None }
}

/// What is bound.
fn resource(memory: &Memory) -> wgpu::BindingResource<'_> {
    match memory {
        Memory::Buffer(buffer) => buffer.as_entire_binding(),
        Memory::Texture(texels) => wgpu::BindingResource::TextureView(&texels.view),
    }
}

/// The packed weights of a kernel on the device, for what `label` says.
pub(super) fn upload(
    context: &Context,
    label: &str,
    kernel: &Candidate<'_>,
    weights: &[Tensor],
) -> Result<Vec<Memory>, SessionError> {
    let packed = kernel.pack(weights);
    packed.iter().map(|data| Memory::holding_in(context, label, data, kernel.textures)).collect()
}

/// What the bindings of a plan are bound to.
pub(super) struct Operands<'a> {
    pub weights: &'a [Memory],
    pub scratch: &'a [Memory],
    pub inputs: &'a [&'a Memory],
    pub output: &'a Memory,
}

/// Scratch memory of so many quads a piece.
pub(super) fn scratch(
    context: &Context,
    label: &str,
    quads: &[usize],
) -> Result<Vec<Memory>, SessionError> {
    quads.iter().map(|quads| Memory::new(context, label, *quads)).collect()
}

/// One node, ready, or two that one dispatch does.
#[derive(Clone)]
pub(super) struct Step {
    dispatches: Vec<PreparedDispatch>,
}

#[derive(Clone)]
struct PreparedDispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 3],
}

impl Step {
    /// What a node takes whose work others do.
    pub const fn nothing() -> Self {
        Self { dispatches: Vec::new() }
    }

    /// Whether it has no dispatches.
    pub const fn is_nothing(&self) -> bool {
        self.dispatches.is_empty()
    }

    /// Compiles and binds what `plan` says, with scratch memory of its own; errors name what is made by `label`.
    pub fn prepare(
        context: &Context,
        pipelines: &mut Pipelines,
        label: &str,
        plan: &KernelPlan,
        weights: &[Memory],
        inputs: &[&Memory],
        output: &Memory,
    ) -> Result<Self, SessionError> {
        let scratch = &scratch(context, label, &plan.scratch())?;
        let operands = Operands { weights, scratch, inputs, output };
        Ok(Self::over(context, pipelines, label, plan, &operands))
    }

    /// The same over operands that are all there.
    pub fn over(
        context: &Context,
        pipelines: &mut Pipelines,
        label: &str,
        plan: &KernelPlan,
        operands: &Operands<'_>,
    ) -> Self {
        let Operands { weights, scratch, inputs, output } = *operands;
        let ready = |dispatch: &Dispatch| {
            let memory = |binding: &Binding| match *binding {
                Binding::Input(i) => inputs[i],
                Binding::Output => output,
                Binding::Weight(i) => &weights[i],
                Binding::ScratchOut(of) | Binding::ScratchIn(of) => &scratch[of.id],
            };
            let bound: Vec<Bound<'_>> = dispatch.bindings.iter().map(|b| (b, memory(b))).collect();
            let Pipeline { pipeline, layout } = pipelines.get(context, label, dispatch, &bound);
            let entries: Vec<wgpu::BindGroupEntry<'_>> = bound
                .iter()
                .zip(0..)
                .map(|((_, m), binding)| wgpu::BindGroupEntry { binding, resource: resource(m) })
                .collect();
            let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(label),
                layout: &layout,
                entries: &entries,
            });
            PreparedDispatch { pipeline, bindings, workgroups: dispatch.workgroups }
        };
        Self { dispatches: plan.dispatches.iter().map(ready).collect() }
    }

    /// Records its dispatches.
    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        for PreparedDispatch { pipeline, bindings, workgroups: [x, y, z] } in &self.dispatches {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }
}
