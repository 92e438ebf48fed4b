// Single elements of the input.

fn channel_0(i: u32) -> f32 {
    return load_0(i / 4u)[i % 4u];
}
