//! Officials (G1): who holds which post in which unit, and whose items the holder of a post cancels.

mod pages;

pub use pages::rooms;
