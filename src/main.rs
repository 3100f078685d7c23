//! The program; its commands are in [`youzhi::cli`].

fn main() -> std::process::ExitCode {
    youzhi::cli::run()
}
