//! Values of a shader's `override` constants.

/// Values of a shader's `override` constants.
pub type Constants = Vec<(&'static str, f64)>;

/// A number or flag as the value of an `override` constant.
pub(crate) trait Constant {
    /// Its value as wgpu takes it.
    fn value(self) -> f64;
}

impl Constant for usize {
    fn value(self) -> f64 {
        self as f64
    }
}

impl Constant for f32 {
    fn value(self) -> f64 {
        self.into()
    }
}

impl Constant for bool {
    fn value(self) -> f64 {
        u8::from(self).into()
    }
}

/// `constants! { NAME: value, … }`: [`Constants`] from sizes, numbers and flags.
macro_rules! constants {
    ($($name:ident: $value:expr),* $(,)?) => {
        vec![$((stringify!($name), $crate::gpu::Constant::value($value))),*]
    };
}
pub(crate) use constants;
