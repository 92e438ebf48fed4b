//! Activations and weights on the device: quads in a storage buffer, or texels of a texture.
//!
//! A rasteriser on the CPU fetches a texel with one vector load, where it takes a storage buffer
//! apart element by element: on it, everything lies in textures. A real GPU does better with
//! buffers. That is the rule; weights may lie in the other, and where trials choose kernels, both are tried.

use super::{AdapterLimits, context::Context, room::piece};
use crate::SessionError;

/// A run of quads on the device.
pub(super) enum Memory {
    /// In a storage buffer.
    Buffer(wgpu::Buffer),
    /// In a texture, row by row.
    Texture(Texels),
}

/// A texture of quads.
pub(super) struct Texels {
    texture: wgpu::Texture,
    pub view: wgpu::TextureView,
    /// Rows are two to the power of this long.
    pub shift: u32,
}

/// The label of what values are read back through.
const READ_BACK: &str = "read back";

/// Rows of a texture are multiples of 256 bytes, so that they can be copied to a buffer.
const SHORTEST_SHIFT: u32 = 4;

impl Memory {
    /// Room for `quads` quads of what `label` says, in what maps lie in.
    pub fn new(context: &Context, label: &str, quads: usize) -> Result<Self, SessionError> {
        Self::new_in(context, label, quads, context.traits.textures)
    }

    /// The same in a texture or a buffer.
    fn new_in(
        context: &Context,
        label: &str,
        quads: usize,
        textures: bool,
    ) -> Result<Self, SessionError> {
        let traits = AdapterLimits { textures, ..context.traits };
        piece(label, quads, traits).map_err(|e| context.error(e.to_string()))?;
        if !textures {
            let usage = wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_SRC
                | wgpu::BufferUsages::COPY_DST;
            return Ok(Self::Buffer(context.buffer(label, quads as u64 * 16, usage)));
        }
        // About square, and no side longer than allowed.
        let square = (quads.max(1).ilog2() + 1).div_ceil(2);
        let longest = context.traits.max_texture.ilog2();
        let shift = square.max(SHORTEST_SHIFT).min(longest);
        let height = quads.div_ceil(1 << shift).max(1) as u32;
        let texture = context.device.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d { width: 1 << shift, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba32Float,
            usage: wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::STORAGE_BINDING
                | wgpu::TextureUsages::COPY_SRC
                | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture
            .create_view(&wgpu::TextureViewDescriptor { label: Some(label), ..Default::default() });
        Ok(Self::Texture(Texels { texture, view, shift }))
    }

    /// Room for `data`, whole quads of what `label` says, in what maps lie in, and `data` in it.
    pub fn holding(context: &Context, label: &str, data: &[f32]) -> Result<Self, SessionError> {
        Self::holding_in(context, label, data, context.traits.textures)
    }

    /// The same in a texture or a buffer.
    pub fn holding_in(
        context: &Context,
        label: &str,
        data: &[f32],
        textures: bool,
    ) -> Result<Self, SessionError> {
        let memory = Self::new_in(context, label, data.len() / 4, textures)?;
        memory.write(context, data);
        // Waits for large uploads, so that staging memory does not pile up.
        if data.len() > 1 << 22 {
            context.submit([])?;
        }
        Ok(memory)
    }

    /// Whether it is a texture.
    pub const fn is_texture(&self) -> bool {
        matches!(self, Self::Texture(_))
    }

    /// Puts `data`, whole quads, at its beginning.
    pub fn write(&self, context: &Context, data: &[f32]) {
        match self {
            Self::Buffer(buffer) => {
                context.queue.write_buffer(buffer, 0, bytemuck::cast_slice(data));
            }
            Self::Texture(texels) => texels.write(context, data),
        }
    }

    /// Its first `quads` quads.
    pub fn read(&self, context: &Context, quads: usize) -> Result<Vec<f32>, SessionError> {
        let mut encoder = context.encoder(READ_BACK);
        let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
        let copy = match self {
            Self::Buffer(buffer) => {
                let copy = context.buffer(READ_BACK, quads as u64 * 16, usage);
                encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, copy.size());
                copy
            }
            Self::Texture(texels) => {
                let height = quads.div_ceil(1 << texels.shift) as u32;
                let row = 16 << texels.shift;
                let copy = context.buffer(READ_BACK, u64::from(height) * u64::from(row), usage);
                let layout = wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(row),
                    rows_per_image: None,
                };
                let buffer = wgpu::TexelCopyBufferInfo { buffer: &copy, layout };
                let from = texels.texture.as_image_copy();
                encoder.copy_texture_to_buffer(from, buffer, texels.extent(height));
                copy
            }
        };
        context.submit([encoder.finish()])?;
        let mut data: Vec<f32> = bytemuck::pod_collect_to_vec(&context.map(&copy)?);
        data.truncate(quads * 4);
        Ok(data)
    }
}

impl Texels {
    /// Its first `height` rows.
    fn extent(&self, height: u32) -> wgpu::Extent3d {
        wgpu::Extent3d { width: 1 << self.shift, height, depth_or_array_layers: 1 }
    }

    /// Whole rows first, then what is left of the last.
    fn write(&self, context: &Context, data: &[f32]) {
        let row = 4usize << self.shift;
        let whole = data.len() / row;
        let pieces = [
            (0, self.extent(whole as u32), &data[..whole * row]),
            (
                whole as u32,
                wgpu::Extent3d { width: (data.len() % row / 4) as u32, ..self.extent(1) },
                &data[whole * row..],
            ),
        ];
        for (y, size, part) in pieces.into_iter().filter(|(.., part)| !part.is_empty()) {
            let mut to = self.texture.as_image_copy();
            to.origin.y = y;
            let layout = wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(16 << self.shift),
                rows_per_image: None,
            };
            context.queue.write_texture(to, bytemuck::cast_slice(part), layout, size);
        }
    }
}
