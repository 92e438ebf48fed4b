//! A shader in the languages that drivers read, written with the options that wgpu has for trusted shaders: SPIR-V
//! for Vulkan, MSL for Metal, HLSL for Direct3D 12.

use naga::{
    Module, ResourceBinding,
    back::{hlsl, msl, spv},
    valid::ModuleInfo,
};

/// The first SPIR-V and the first Metal (macOS 10.15) that have subgroups, and the oldest shader model that wgpu asks of
/// Direct3D 12.
const SPIRV: (u8, u8) = (1, 3);
const METAL: (u8, u8) = (2, 2);
const SHADER_MODEL: hlsl::ShaderModel = hlsl::ShaderModel::V6_0;

/// Writes a shader whose constants are in place in each language.
///
/// # Errors
/// The language that cannot have it, and why.
pub fn write_all(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let options = spv::Options { lang_version: SPIRV, ..spv::Options::default() };
    spv::write_vec(module, info, &options, None).map_err(|e| format!("SPIR-V: {e}"))?;
    write_metal(module, info).map_err(|e| format!("MSL: {e}"))?;
    write_hlsl(module, info).map_err(|e| format!("HLSL: {e}"))
}

/// Its bindings, in the order in which the shader declares them.
fn bindings(module: &Module) -> impl Iterator<Item = ResourceBinding> {
    module.global_variables.iter().filter_map(|(_, variable)| variable.binding)
}

fn write_metal(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    // A buffer more tells the lengths of the others.
    let slots = (0..=u8::MAX).map(|slot| msl::BindTarget {
        buffer: Some(slot),
        texture: Some(slot),
        mutable: true,
        ..msl::BindTarget::default()
    });
    let resources = msl::EntryPointResources {
        resources: bindings(module).zip(slots).collect(),
        sizes_buffer: Some(30),
        ..msl::EntryPointResources::default()
    };
    let map = module.entry_points.iter().map(|entry| (entry.name.clone(), resources.clone()));
    let options = msl::Options {
        lang_version: METAL,
        per_entry_point_map: map.collect(),
        fake_missing_bindings: false,
        force_loop_bounding: false,
        ..msl::Options::default()
    };
    let (_, written) = msl::write_string(module, info, &options, &msl::PipelineOptions::default())
        .map_err(|e| e.to_string())?;
    written
        .entry_point_names
        .into_iter()
        .try_for_each(|name| name.map(drop))
        .map_err(|e| e.to_string())
}

fn write_hlsl(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let registers =
        (0..).map(|register| hlsl::BindTarget { register, ..hlsl::BindTarget::default() });
    let options = hlsl::Options {
        shader_model: SHADER_MODEL,
        binding_map: bindings(module).zip(registers).collect(),
        fake_missing_bindings: false,
        force_loop_bounding: false,
        ..hlsl::Options::default()
    };
    let mut text = String::new();
    let written = hlsl::Writer::new(&mut text, &options, &hlsl::PipelineOptions::default())
        .write(module, info, None)
        .map_err(|e| e.to_string())?;
    written
        .entry_point_names
        .into_iter()
        .try_for_each(|name| name.map(drop))
        .map_err(|e| e.to_string())
}
