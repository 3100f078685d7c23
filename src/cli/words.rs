//! What clap says of itself, in Chinese.

use std::error::Error as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error, Id};

/// A command and all below it with Chinese headings and a Chinese text for the switches that clap adds.
pub(super) fn in_chinese(command: Command) -> Command {
    let command = command.disable_version_flag(true).arg(
        Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本").display_order(999),
    );
    below(command)
}

fn below(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let positionals: Vec<Id> = command.get_positionals().map(|arg| arg.get_id().clone()).collect();
    let usage = usage(&command, !names.is_empty());
    let mut command = command
        .disable_help_flag(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助").display_order(998))
        .help_template(format!("{{about-with-newline}}\n用法：{usage}\n\n{{all-args}}{{after-help}}"))
        .subcommand_help_heading("命令")
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            // clap sorts by name what stands under a heading of ours.
            let order = positionals.iter().position(|name| name == arg.get_id());
            let arg = arg.help_heading(heading);
            if let Some(order) = order { arg.display_order(order) } else { arg }
        });
    for name in names {
        let path = format!("{} {name}", command.get_bin_name().unwrap_or(command.get_name()));
        command = command.mut_subcommand(name, |sub| below(sub.bin_name(path)));
    }
    command
}

/// The line of usage: the path of the command, what has to be given, and what may be.
fn usage(command: &Command, has_commands: bool) -> String {
    let mut words = vec![command.get_bin_name().unwrap_or(command.get_name()).to_owned()];
    let value = |arg: &Arg| {
        let names = arg.get_value_names().unwrap_or_default();
        names.first().map_or_else(|| arg.get_id().as_str().to_uppercase(), ToString::to_string)
    };
    let mut may = false;
    for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
        match arg.get_long().filter(|_| arg.is_required_set()) {
            Some(long) => words.push(format!("--{long} <{}>", value(arg))),
            None => may = true,
        }
    }
    if may || !has_commands {
        words.push("[选项]".to_owned());
    }
    words.extend(command.get_positionals().map(|arg| format!("<{}>", value(arg))));
    if has_commands {
        words.push("<命令>".to_owned());
    }
    words.join(" ")
}

/// Says why a command line cannot be read, or shows what was asked for.
pub(super) fn refuse(error: &Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
    }
    eprintln!("{}\n用法见 youzhi --help，或在命令后面加 --help", reason(error));
    ExitCode::from(2)
}

fn reason(error: &Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        _ => String::new(),
    };
    let perhaps = |kind| match text(kind) {
        near if near.is_empty() => String::new(),
        near => format!("，是不是 {near}？"),
    };
    let arg = text(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument if !arg.starts_with('-') => format!("多出了“{arg}”"),
        ErrorKind::UnknownArgument => format!("没有“{arg}”这个选项{}", perhaps(ContextKind::SuggestedArg)),
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            format!("没有“{name}”这个命令{}", perhaps(ContextKind::SuggestedSubcommand))
        }
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == arg => format!("{arg} 只能给出一次"),
            prior => format!("{arg} 不能和 {prior} 一起用"),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match text(ContextKind::InvalidValue) {
            value if value.is_empty() => format!("{arg} 后面要有内容"),
            value => {
                let why = error.source().map(ToString::to_string).filter(|why| !why.is_ascii());
                let why = why.map(|why| format!("：{why}")).unwrap_or_default();
                format!("{arg} 不能是“{value}”{why}")
            }
        },
        ErrorKind::InvalidUtf8 => "参数里有不是 UTF-8 的字符".to_owned(),
        _ => format!("命令的写法不对（{:?}）", error.kind()),
    }
}
