//! The driver without hardware: pipelines go in, what its compiler says of them comes out.

use ash::{Device, Entry, Instance, khr::pipeline_executable_properties, vk};
use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char},
};

/// What the driver says of a shader.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Its statistics, by name.
    pub statistics: BTreeMap<String, u64>,
    /// The machine's instructions.
    pub assembly: String,
}

impl Compiled {
    /// A statistic of that name.
    ///
    /// # Errors
    /// Where the driver has none; the message lists those it has.
    pub fn statistic(&self, name: &str) -> Result<u64, Refused> {
        let known = || self.statistics.keys().cloned().collect::<Vec<_>>().join(", ");
        let found = self.statistics.get(name).copied();
        found.ok_or_else(|| Refused::Statistic { name: name.to_owned(), known: known() })
    }

    /// The most loads that are under way at once where the invocation goes on, and where it multiplies and
    /// adds.
    pub fn loads_in_flight(&self) -> (usize, usize) {
        let (mut under_way, mut most, mut while_computing) = (0_usize, 0, 0);
        for line in self.assembly.lines().map(str::trim) {
            let name = line.split_whitespace().next().unwrap_or_default();
            let left = line.split_once("vmcnt(").and_then(|(_, rest)| rest.split_once(')'));
            if let Some((left, _)) = left.filter(|_| name == "s_waitcnt") {
                under_way = under_way.min(left.parse().unwrap_or(0));
            } else if name.contains("buffer_load") || name.contains("global_load") {
                under_way += 1;
            } else if ["v_fma", "v_dual_fma", "v_mac_f32", "v_mad_f32"]
                .iter()
                .any(|fma| name.starts_with(fma))
            {
                while_computing = under_way.max(while_computing);
            }
            most = under_way.max(most);
        }
        (most, while_computing)
    }
}

/// Why nothing could be compiled.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No loader of Vulkan drivers.
    #[error("no Vulkan loader: install Debian's libvulkan1 ({0})")]
    Loader(#[from] ash::LoadingError),
    /// No such driver, or no such family.
    #[error(
        "no RADV for hardware that is not there: install Debian's mesa-vulkan-drivers, set RADV_FORCE_FAMILY"
    )]
    Driver,
    /// An answer of the driver.
    #[error("the driver says {0}")]
    Vulkan(#[from] vk::Result),
    /// A statistic that it does not know.
    #[error("the driver has no statistic {name}; it has {known}")]
    Statistic {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
}

/// The entry point of every shader.
const MAIN: &CStr = c"main";

/// A driver, open on hardware that need not be there: RADV on what `RADV_FORCE_FAMILY` names, or another one that a
/// shim of the kernel's interface answers.
pub struct Driver {
    // Its functions come from the library that the entry holds.
    _entry: Entry,
    instance: Instance,
    device: Device,
    executables: pipeline_executable_properties::Device,
}

impl Driver {
    /// Opens the first adapter whose name has one of `parts`; the very first where there are none.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn open(parts: &[&str]) -> Result<Self, Refused> {
        // SAFETY: the library is the system's own Vulkan loader; handles are used with the functions
        // of the instance that they come from, and nothing is destroyed before `drop`.
        unsafe {
            let entry = Entry::load()?;
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_2);
            let info = vk::InstanceCreateInfo::default().application_info(&application);
            let instance = entry.create_instance(&info, None)?;
            let found = instance.enumerate_physical_devices()?.into_iter().find(|adapter| {
                let properties = instance.get_physical_device_properties(*adapter);
                let name = text(&properties.device_name);
                parts.is_empty() || parts.iter().any(|part| name.contains(part))
            });
            let Some(adapter) = found else {
                instance.destroy_instance(None);
                return Err(Refused::Driver);
            };
            let mut told = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
                .pipeline_executable_info(true);
            let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
            let extensions = [pipeline_executable_properties::NAME.as_ptr()];
            let info = vk::DeviceCreateInfo::default()
                .queue_create_infos(&queues)
                .enabled_extension_names(&extensions)
                .push_next(&mut told);
            let device = instance.create_device(adapter, &info, None)?;
            let executables = pipeline_executable_properties::Device::new(&instance, &device);
            Ok(Self { _entry: entry, instance, device, executables })
        }
    }

    /// Compiles a shader whose `buffers` storage buffers are bound to the first places of set 0.
    ///
    /// # Errors
    /// Where the driver refuses it.
    pub fn compile(&self, spirv: &[u32], buffers: u32) -> Result<Compiled, Refused> {
        let bindings: Vec<_> = (0..buffers).map(buffer).collect();
        // SAFETY: every handle is of this device, lives until after its last use, and is destroyed
        // once. The words are a module that naga wrote.
        unsafe {
            let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            let set = self.device.create_descriptor_set_layout(&info, None)?;
            let sets = [set];
            let info = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
            let layout = self.device.create_pipeline_layout(&info, None)?;
            let info = vk::ShaderModuleCreateInfo::default().code(spirv);
            let module = self.device.create_shader_module(&info, None)?;
            let compiled = self.pipeline(layout, module);
            self.device.destroy_shader_module(module, None);
            self.device.destroy_pipeline_layout(layout, None);
            self.device.destroy_descriptor_set_layout(set, None);
            compiled
        }
    }

    /// # Safety
    /// `layout` and `module` are of this device.
    unsafe fn pipeline(
        &self,
        layout: vk::PipelineLayout,
        module: vk::ShaderModule,
    ) -> Result<Compiled, Refused> {
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(MAIN);
        let info = vk::ComputePipelineCreateInfo::default().stage(stage).layout(layout).flags(
            vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
                | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR,
        );
        // SAFETY: as the caller says; the pipeline is destroyed after its last use.
        unsafe {
            let cache = vk::PipelineCache::null();
            let made = self.device.create_compute_pipelines(cache, &[info], None);
            let pipeline = made.map_err(|(_, why)| why)?[0];
            let told = self.told(pipeline);
            self.device.destroy_pipeline(pipeline, None);
            told
        }
    }

    /// # Safety
    /// `pipeline` is of this device, made of one shader.
    unsafe fn told(&self, pipeline: vk::Pipeline) -> Result<Compiled, Refused> {
        let info = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline);
        // SAFETY: as the caller says. A statistic's format says which member its value has.
        unsafe {
            let statistics = self.executables.get_pipeline_executable_statistics(&info)?;
            let number = |s: &vk::PipelineExecutableStatisticKHR<'_>| match s.format {
                vk::PipelineExecutableStatisticFormatKHR::UINT64 => s.value.u64,
                _ => 0,
            };
            let statistics = statistics.iter().map(|s| (text(&s.name), number(s))).collect();
            Ok(Compiled { statistics, assembly: self.assembly(&info)? })
        }
    }

    /// The last of the texts that a shader becomes.
    ///
    /// # Safety
    /// `info` names a pipeline of this device.
    unsafe fn assembly(&self, info: &vk::PipelineExecutableInfoKHR<'_>) -> Result<String, Refused> {
        let ask = self.executables.fp().get_pipeline_executable_internal_representations_khr;
        let device = self.device.handle();
        let mut count = 0;
        // SAFETY: as the caller says. Asked three times: how many texts, how long each is, and for the
        // texts themselves, into room of that length.
        unsafe {
            ask(device, info, &mut count, std::ptr::null_mut()).result()?;
            let text = vk::PipelineExecutableInternalRepresentationKHR::default();
            let mut texts = vec![text; count as usize];
            ask(device, info, &mut count, texts.as_mut_ptr()).result()?;
            let mut room: Vec<Vec<u8>> = texts.iter().map(|t| vec![0; t.data_size]).collect();
            for (text, room) in texts.iter_mut().zip(&mut room) {
                text.p_data = room.as_mut_ptr().cast();
            }
            ask(device, info, &mut count, texts.as_mut_ptr()).result()?;
            let last = room.last().map(|r| String::from_utf8_lossy(r).into_owned());
            Ok(last.unwrap_or_default())
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // SAFETY: nothing else of this device or instance is left, and neither is used again.
        unsafe {
            self.device.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

/// A storage buffer of a compute shader.
fn buffer(binding: u32) -> vk::DescriptorSetLayoutBinding<'static> {
    vk::DescriptorSetLayoutBinding::default()
        .binding(binding)
        .descriptor_type(vk::DescriptorType::STORAGE_BUFFER)
        .descriptor_count(1)
        .stage_flags(vk::ShaderStageFlags::COMPUTE)
}

/// A driver's text, which ends with a zero.
fn text(chars: &[c_char]) -> String {
    let bytes: Vec<u8> = chars.iter().map(|c| *c as u8).take_while(|b| *b != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
