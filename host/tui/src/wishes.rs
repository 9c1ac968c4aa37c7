//! What a user wishes the screen to be like: the block `screen` of the config.

use crate::action::Bindings;
use crate::front::Pictures;
use crate::glyph::Glyphs;
use crate::term::Colors;
use crate::term::images::Protocol;
use crate::theme::{THEMES, Theme};
use std::collections::BTreeMap;

/// What `screen: (...)` in `thorndike.ron` may say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The palette: `dark`, `light`, `clear` or `mono`.
    pub theme: Option<String>,
    /// `octant`, `braille`, `half` or `ascii`; what the terminal can show unless said otherwise.
    pub glyphs: Option<String>,
    /// `never`, `16`, `256` or `true`.
    pub colors: Option<String>,
    /// Pictures of pixels: `auto` asks the terminal, `off` does without; `kitty`, `sixel` and
    /// `iterm2` do not wait for its word.
    pub images: Option<String>,
    /// Whether pictures that move are left out.
    pub reduced_motion: bool,
    /// Keys by the name of their action, separated by blanks.
    pub keys: BTreeMap<String, String>,
}

impl Wishes {
    /// What is wrong with them, if anything is.
    pub fn check(&self) -> Result<(), String> {
        let one_of = |what: &str, value: &Option<String>, known: &[&str]| match value {
            Some(value) if !known.contains(&value.as_str()) => {
                Err(format!("`{what}` of the screen is one of {}, not `{value}`", known.join(", ")))
            }
            _ => Ok(()),
        };
        let themes = THEMES.map(|theme| theme.name);
        one_of("theme", &self.theme, &themes)?;
        one_of("glyphs", &self.glyphs, &["octant", "braille", "half", "ascii"])?;
        one_of("colors", &self.colors, &["never", "16", "256", "true"])?;
        let images = ["auto", "off", "kitty", "sixel", "iterm2"];
        one_of("images", &self.images, &images)?;
        self.bindings().map(drop)
    }

    /// The palette.
    pub fn theme(&self) -> Theme {
        self.theme.as_deref().and_then(Theme::named).unwrap_or_default()
    }

    /// The characters, where they are wished for.
    pub fn glyphs(&self) -> Option<Glyphs> {
        self.glyphs.as_deref().and_then(Glyphs::named)
    }

    /// The colors, where they are wished for.
    pub fn colors(&self) -> Option<Colors> {
        self.colors.as_deref().and_then(Colors::named)
    }

    /// Whether pictures of pixels are to be shown; `asks` says whether asking is worth the wait.
    pub fn pictures(&self, asks: bool) -> Pictures {
        match self.images.as_deref() {
            Some("off") => Pictures::Never,
            Some(name) if name != "auto" => {
                Protocol::named(name).map_or(Pictures::Never, Pictures::As)
            }
            _ if asks => Pictures::Ask,
            _ => Pictures::Never,
        }
    }

    /// Which keys ask for what.
    pub fn bindings(&self) -> Result<Bindings, String> {
        let mut bindings = Bindings::default();
        for (name, keys) in &self.keys {
            bindings.bind(name, keys)?;
        }
        Ok(bindings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_that_make_no_sense_are_named() {
        let wrong = |wishes: Wishes, part: &str| {
            let error = wishes.check().expect_err("it makes no sense");
            assert!(error.contains(part), "{error}");
        };
        let theme = Some("drak".to_owned());
        wrong(Wishes { theme, ..Wishes::default() }, "one of dark, light, clear, mono, not `drak`");
        let keys = [("pause".to_owned(), "hyper-x".to_owned())].into();
        wrong(Wishes { keys, ..Wishes::default() }, "`hyper-x` is no key");
        assert_eq!(Wishes::default().check(), Ok(()));
    }
}
