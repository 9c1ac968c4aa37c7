//! The manual page: one page for all commands, made from the definition of the command line.

use crate::cli;
use crate::failure::{Exit, Outcome};
use clap_mangen::Man;
use std::io::{self, Write};
use thorndike_tui::action::{ACTIONS, Bindings, SCOPES};

/// Prints the page.
pub(super) fn run(out: &mut impl Write) -> Outcome {
    out.write_all(&page()?)?;
    Ok(Exit::Success)
}

fn page() -> io::Result<Vec<u8>> {
    let mut command = cli::command();
    // clap names the commands below in full only when it is about to parse.
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for below in command.get_subcommands() {
        chapter(below, &mut page)?;
    }
    keys(&mut page)?;
    man.render_extra_section(&mut page)?;
    Ok(page)
}

/// The keys of the screen, as its own help has them.
fn keys(page: &mut Vec<u8>) -> io::Result<()> {
    let bindings = Bindings::default();
    let plain = |text: &str| text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    writeln!(page, ".SH \"KEYS OF THE SCREEN\"")?;
    for scope in SCOPES {
        writeln!(page, ".SS \"{}\"", scope.title())?;
        for spec in ACTIONS.iter().filter(|spec| spec.scope == scope) {
            let keys = plain(&bindings.keys(scope, spec.action));
            writeln!(page, ".TP\n\\fB{keys}\\fR ({})\n{}.", plain(spec.name), plain(spec.says))?;
        }
    }
    Ok(())
}

/// A command and those below it, with its sections one level deeper than those of the page.
fn chapter(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    writeln!(page, ".SH \"{name}\"")?;
    let man = Man::new(command.clone());
    let mut sections = Vec::new();
    man.render_description_section(&mut sections)?;
    man.render_synopsis_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    let deeper = format!("\n{}", String::from_utf8_lossy(&sections)).replace("\n.SH ", "\n.SS ");
    page.extend(deeper.trim_start().as_bytes());
    command.get_subcommands().try_for_each(|below| chapter(below, page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_command_and_flag() {
        let page = String::from_utf8(page().expect("memory takes everything")).expect("text");
        for part in [
            ".TH thorndike",
            ".SH \"THORNDIKE TRAIN\"",
            ".SH \"THORNDIKE PLUGINS NEW ENV\"",
            "\\-\\-until",
            ".SS \"Replay\"",
            "\n\\fBctrl\\-z\\fR (suspend)\n",
            "Exit codes",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("THORNDIKE HELP"), "{page}");
    }
}
