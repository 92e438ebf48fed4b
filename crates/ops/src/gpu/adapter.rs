//! Which GPUs there are, and what they are.

use super::{AdapterLimits, Hardware, layers};
use profile::{Device, DeviceKind, Rendering};
use std::{env, fmt, sync::LazyLock};

/// The way to all drivers, opened once a process, as wgpu's variables of the environment have it.
static INSTANCE: LazyLock<wgpu::Instance> = LazyLock::new(|| {
    wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env())
});

/// The variable of the environment that says which interfaces wgpu should use.
const BACKEND: &str = "WGPU_BACKEND";

/// Names that software rasterisers go by, lower case: llvmpipe (also called lavapipe), SwiftShader,
/// and Windows' WARP, whose adapter is the Microsoft Basic Render Driver.
const SOFTWARE: [&str; 6] =
    ["llvmpipe", "lavapipe", "softpipe", "swiftshader", "warp", "basic render"];

/// Who watches what this process asks of its drivers, and so makes times longer; a reason each, none
/// where nobody does. Asked once an adapter is open.
pub fn watchers() -> Vec<String> {
    let asked = wgpu::InstanceFlags::from_env_or_default();
    let validation = wgpu::InstanceFlags::VALIDATION | wgpu::InstanceFlags::GPU_BASED_VALIDATION;
    let flags = asked.intersects(validation).then(|| {
        "the driver's calls are validated where it can (WGPU_VALIDATION, WGPU_GPU_BASED_VALIDATION)"
            .to_owned()
    });
    let layers = layers::at_work();
    let layers = (!layers.is_empty())
        .then(|| format!("Vulkan layers watch every call to the driver: {}", layers.join(", ")));
    layers.into_iter().chain(flags).collect()
}

/// Names that drivers without hardware go by, lower case: RADV's for tests of its compiler, and the mock
/// driver of Vulkan's tools. Others are found by what they compute: [`Adapter::demand_computing`].
const STUBS: [&str; 2] = ["null hardware", "mock device"];

/// A GPU, or a rasteriser that stands in for one.
#[derive(Clone, Debug)]
pub struct Adapter {
    pub(super) inner: wgpu::Adapter,
    info: wgpu::AdapterInfo,
    /// Its units as they were measured, where that was done.
    units: Option<u32>,
}

impl Adapter {
    /// Every adapter of this machine: real ones first, discrete before integrated, stubs last.
    pub fn all() -> Vec<Self> {
        let found = pollster::block_on(INSTANCE.enumerate_adapters(wgpu::Backends::all()));
        let mut adapters: Vec<Self> = found
            .into_iter()
            .map(|inner| Self { info: inner.get_info(), inner, units: None })
            .collect();
        adapters.sort_by_key(|a| (a.is_stub(), a.is_software(), rank(a.info.device_type)));
        adapters
    }

    /// The adapter at the place that `wanted` numbers, from 0, in the order of [`Self::all`]; else the first
    /// whose name, driver or PCI bus id contains `wanted` in any case. The first of all where nothing is
    /// wanted.
    ///
    /// # Errors
    /// Where there is none; the message lists those that there are.
    pub fn choose(wanted: Option<&str>) -> Result<Self, NoAdapter> {
        let all = Self::all();
        let numbered = wanted.and_then(|w| all.get(w.parse::<usize>().ok()?));
        let matches = |a: &&Self| wanted.is_none_or(|w| contains(&a.to_string(), w));
        numbered.or_else(|| all.iter().find(matches)).cloned().ok_or_else(|| NoAdapter {
            wanted: wanted.map(str::to_owned),
            available: all.iter().map(Self::to_string).collect(),
            not_built: env::var(BACKEND).ok().filter(|asked| is_not_built(asked)),
        })
    }

    /// Its description in profiles.
    pub fn device(&self) -> Device {
        Device {
            name: self.info.name.clone(),
            kind: DeviceKind::Gpu,
            arch: self.info.backend.to_string(),
            rendering: if self.is_software() {
                Rendering::SoftwareRendered
            } else {
                Rendering::Real
            },
            driver: format!("{} {}", self.info.driver, self.info.driver_info).trim().to_owned(),
            bus: self.info.device_pci_bus_id.clone(),
        }
    }

    /// Whether a CPU plays the GPU.
    pub fn is_software(&self) -> bool {
        let name = format!("{} {}", self.info.name, self.info.driver);
        self.info.device_type == wgpu::DeviceType::Cpu
            || SOFTWARE.iter().any(|software| contains(&name, software))
    }

    /// Whether there is no hardware behind its driver, by its name.
    pub(super) fn is_stub(&self) -> bool {
        self.info.backend == wgpu::Backend::Noop
            || STUBS.iter().any(|stub| contains(&self.info.name, stub))
    }

    /// The same adapter, of which so many `units` were measured: kernels are chosen for them where nothing else tells
    /// how many it has.
    pub fn of_units(self, units: Option<u32>) -> Self {
        Self { units, ..self }
    }

    /// What kernels want to know of it.
    pub fn traits(&self) -> AdapterLimits {
        let limits = self.inner.limits();
        AdapterLimits {
            software: self.is_software(),
            textures: self.is_software(),
            hardware: (!self.is_software()).then(|| hardware(&self.info.name, self.units)),
            subgroup: self.info.subgroup_max_size,
            // Those of a rasteriser are a vector of its processor: memory was as fast, or faster by a third.
            subgroups: !self.is_software()
                && self.inner.features().contains(wgpu::Features::SUBGROUP),
            max_binding: limits.max_storage_buffer_binding_size,
            max_buffer: limits.max_buffer_size,
            max_texture: limits.max_texture_dimension_2d,
            max_workgroups: limits.max_compute_workgroups_per_dimension,
        }
    }
}

impl fmt::Display for Adapter {
    /// Name, type, interface, PCI bus id and driver.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = self.device();
        let kind = match self.info.device_type {
            wgpu::DeviceType::DiscreteGpu => "discrete",
            wgpu::DeviceType::IntegratedGpu => "integrated",
            wgpu::DeviceType::VirtualGpu => "virtual",
            wgpu::DeviceType::Cpu => "processor",
            wgpu::DeviceType::Other => "other",
        };
        let rendering = if self.is_stub() { "stub" } else { device.rendering.name() };
        let bus = &device.bus;
        let bus = if bus.is_empty() { String::new() } else { format!(", {bus}") };
        write!(f, "{} ({kind}, {}, {rendering}{bus})", device.name, device.arch)?;
        if device.driver.is_empty() { Ok(()) } else { write!(f, ", driver {}", device.driver) }
    }
}

/// What the model of a dispatch knows of an adapter of this name, of which so many `units` were measured, if that was
/// done.
fn hardware(name: &str, units: Option<u32>) -> Hardware {
    match (Hardware::of_adapter(name), units) {
        (Hardware::UNKNOWN, Some(units)) => Hardware { units, ..Hardware::UNKNOWN },
        (described, _) => described,
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

const fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

/// No adapter, or none of that name.
#[derive(Clone, Debug, thiserror::Error)]
pub struct NoAdapter {
    /// What was asked for.
    pub wanted: Option<String>,
    /// What there is.
    pub available: Vec<String>,
    /// The interfaces that the environment asks for, where this build has none of them.
    pub not_built: Option<String>,
}

/// Whether this build has none of the interfaces of a list as wgpu takes it.
fn is_not_built(asked: &str) -> bool {
    !wgpu::Backends::from_comma_list(asked).intersects(wgpu::Instance::enabled_backend_features())
}

/// The interfaces of this build, as wgpu takes them.
fn built() -> String {
    let all = wgpu::Instance::enabled_backend_features().iter_names();
    all.map(|(name, _)| name.to_lowercase()).collect::<Vec<_>>().join(",")
}

impl fmt::Display for NoAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.wanted, &self.not_built) {
            (_, Some(asked)) => write!(
                f,
                "no GPU adapter: {BACKEND}={asked} asks for interfaces that this build lacks: it has {}; set \
                 one of these, or unset it",
                built()
            ),
            (Some(wanted), _) if !self.available.is_empty() => {
                write!(
                    f,
                    "no GPU adapter matches {wanted:?}; there is {}",
                    self.available.join("; ")
                )
            }
            _ => f.write_str(
                "no GPU adapter: install a driver for Vulkan (Debian's mesa-vulkan-drivers has one \
                 that runs on the processor)",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_that_the_build_lacks_are_told() {
        assert!(is_not_built("gl") && is_not_built("none such") && !is_not_built(&built()));
        let asked = NoAdapter { wanted: None, available: Vec::new(), not_built: Some("gl".into()) };
        let text = asked.to_string();
        assert!(text.contains("WGPU_BACKEND=gl asks for") && text.contains(&built()), "{text}");
    }

    #[test]
    fn measured_units_count_where_no_described_gpu_fits() {
        let units = |name, measured| hardware(name, measured).units;
        assert_eq!(units("none of these", Some(7)), 7);
        assert_eq!(units("none of these", None), Hardware::UNKNOWN.units);
        assert_eq!(units("NVIDIA H100 80GB HBM3", Some(7)), 132);
    }

    /// wgpu decides by its own assertions, which a profile of the build may turn on.
    #[test]
    fn this_build_asks_for_no_validation_by_itself() {
        let slow = wgpu::InstanceFlags::advanced_debugging()
            - wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL;
        assert_eq!(wgpu::InstanceFlags::from_build_config() & slow, wgpu::InstanceFlags::empty());
    }
}
