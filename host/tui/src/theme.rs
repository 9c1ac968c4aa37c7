//! Colors by what they mean, in palettes that can be chosen.

use ratatui::style::{Color, Modifier, Style};

/// Colors by what they mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: &'static str,
    /// Of ordinary text.
    pub text: Color,
    /// Of what matters less.
    pub dim: Color,
    /// Of frames and axes.
    pub frame: Color,
    /// Of what has the focus, and of keys.
    pub accent: Color,
    /// Of what is well.
    pub good: Color,
    /// Of what needs a look.
    pub warn: Color,
    /// Of what is wrong.
    pub bad: Color,
    /// Behind what is chosen.
    pub chosen: Color,
    /// Of the series, in order.
    pub series: [Color; 6],
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// All palettes; the first is the usual one. The series of `clear` are those of Okabe and Ito
/// (2008), which people with any kind of color vision tell apart.
pub const THEMES: [Theme; 4] = [
    Theme {
        name: "dark",
        text: rgb(0xd8_dee9),
        dim: rgb(0x7f_8a9a),
        frame: rgb(0x4c_5668),
        accent: rgb(0x7f_c8f8),
        good: rgb(0x8f_d694),
        warn: rgb(0xf2_c572),
        bad: rgb(0xf0_7178),
        chosen: rgb(0x2b_3a4f),
        series: [
            rgb(0x5a_b0f6),
            rgb(0xf2_a65a),
            rgb(0x8f_d694),
            rgb(0xc7_92ea),
            rgb(0xf0_7178),
            rgb(0x6f_d7d2),
        ],
    },
    Theme {
        name: "light",
        text: rgb(0x24_292f),
        dim: rgb(0x6e_7781),
        frame: rgb(0xaf_b8c1),
        accent: rgb(0x09_5cc8),
        good: rgb(0x1a_7f37),
        warn: rgb(0x9a_6700),
        bad: rgb(0xcf_222e),
        chosen: rgb(0xdd_ebff),
        series: [
            rgb(0x09_69da),
            rgb(0xbc_4c00),
            rgb(0x1a_7f37),
            rgb(0x82_50df),
            rgb(0xcf_222e),
            rgb(0x0a_7f8a),
        ],
    },
    Theme {
        name: "clear",
        text: rgb(0xe6_e6e6),
        dim: rgb(0x99_9999),
        frame: rgb(0x66_6666),
        accent: rgb(0x56_b4e9),
        good: rgb(0x00_9e73),
        warn: rgb(0xe6_9f00),
        bad: rgb(0xd5_5e00),
        chosen: rgb(0x26_3a4a),
        series: [
            rgb(0x56_b4e9),
            rgb(0xe6_9f00),
            rgb(0x00_9e73),
            rgb(0xcc_79a7),
            rgb(0xd5_5e00),
            rgb(0xf0_e442),
        ],
    },
    Theme {
        name: "mono",
        text: Color::Reset,
        dim: Color::Reset,
        frame: Color::Reset,
        accent: Color::Reset,
        good: Color::Reset,
        warn: Color::Reset,
        bad: Color::Reset,
        chosen: Color::Reset,
        series: [Color::Reset; 6],
    },
];

impl Default for Theme {
    fn default() -> Self {
        THEMES[0]
    }
}

impl Theme {
    /// The palette of this name.
    pub fn named(name: &str) -> Option<Self> {
        THEMES.into_iter().find(|theme| theme.name == name)
    }

    /// The palette for a background.
    pub fn on(is_light: bool) -> Self {
        Self::named(if is_light { "light" } else { "dark" }).unwrap_or_default()
    }

    /// Ordinary text.
    pub fn text(self) -> Style {
        Style::new().fg(self.text)
    }

    /// What matters less; dim also where there are no colors.
    pub fn dim(self) -> Style {
        Style::new().fg(self.dim).add_modifier(Modifier::DIM)
    }

    /// A title.
    pub fn title(self) -> Style {
        Style::new().fg(self.text).add_modifier(Modifier::BOLD)
    }

    /// A key, or something that has the focus.
    pub fn accent(self) -> Style {
        Style::new().fg(self.accent).add_modifier(Modifier::BOLD)
    }

    /// A frame.
    pub fn frame(self) -> Style {
        Style::new().fg(self.frame)
    }

    /// A chosen row; reversed where there are no colors.
    pub fn chosen(self) -> Style {
        match self.chosen {
            Color::Reset => Style::new().add_modifier(Modifier::REVERSED),
            color => Style::new().fg(self.text).bg(color).add_modifier(Modifier::BOLD),
        }
    }

    /// The color of a series.
    pub fn series(self, number: usize) -> Color {
        self.series[number % self.series.len()]
    }

    /// The color of the points behind a mean.
    pub fn faint(self, number: usize) -> Color {
        match self.series(number) {
            Color::Rgb(r, g, b) => {
                // A step towards the middle of light and dark is faint on both.
                let faint = |part: u8| ((u16::from(part) * 2 + 3 * 0x50) / 5) as u8;
                Color::Rgb(faint(r), faint(g), faint(b))
            }
            color => color,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far two colors lie apart for an eye that lacks one kind of cones, by the matrices of
    /// Viénot, Brettel and Mollon (1999) in linear light.
    fn apart(a: Color, b: Color, matrix: [[f64; 3]; 3]) -> f64 {
        let seen = |color: Color| {
            let Color::Rgb(r, g, b) = color else { return [0.0; 3] };
            let linear = [r, g, b].map(|part| (f64::from(part) / 255.0).powf(2.2));
            matrix.map(|row| row.iter().zip(linear).map(|(m, part)| m * part).sum::<f64>())
        };
        let (a, b) = (seen(a), seen(b));
        let root = |x: f64| x.max(0.0).powf(1.0 / 2.2);
        a.iter().zip(b).map(|(a, b)| (root(*a) - root(b)).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn the_clear_palette_is_told_apart_by_every_kind_of_eye() {
        let protan = [[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.004, -0.004, 1.0]];
        let deutan = [[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]];
        let all = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let clear = Theme::named("clear").expect("it is there");
        for matrix in [all, protan, deutan] {
            for (idx, a) in clear.series.iter().enumerate() {
                for b in &clear.series[idx + 1..] {
                    assert!(apart(*a, *b, matrix) > 0.12, "{a:?} {b:?} {}", apart(*a, *b, matrix));
                }
            }
        }
    }
}
