//! A dispatch as SPIR-V, as wgpu makes it of a trusted shader.

use naga::{back, front, valid};
use ops::gpu::Dispatch;

/// A shader that naga refuses.
#[derive(Debug, thiserror::Error)]
#[error("naga refuses the shader: {0}")]
pub struct Invalid(String);

/// SPIR-V of a dispatch whose operands lie in buffers, its constants in place.
///
/// # Errors
/// Where the shader is not valid.
pub fn spirv(dispatch: &Dispatch) -> Result<Vec<u32>, Invalid> {
    let source = dispatch.source(|_| false);
    let said = |e: &dyn std::fmt::Debug| Invalid(format!("{e:?}"));
    let module = front::wgsl::parse_str(&source).map_err(|e| Invalid(e.emit_to_string(&source)))?;
    let mut validator =
        valid::Validator::new(valid::ValidationFlags::all(), valid::Capabilities::SUBGROUP);
    validator
        .subgroup_stages(valid::ShaderStages::COMPUTE)
        .subgroup_operations(valid::SubgroupOperationSet::all());
    let info = validator.validate(&module).map_err(|e| said(&e))?;
    let constants =
        dispatch.constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let (module, info) =
        back::pipeline_constants::process_overrides(&module, &info, None, &constants)
            .map_err(|e| said(&e))?;
    let options = back::spv::Options {
        // The first that has subgroups.
        lang_version: (1, 3),
        zero_initialize_workgroup_memory: back::spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        ..back::spv::Options::default()
    };
    back::spv::write_vec(&module, &info, &options, None).map_err(|e| said(&e))
}
