//! Everything the screen shows: runs, where one looks at them, and what is open in front.

mod compare;
mod guide;
mod lists;
mod overlay;

pub use compare::{COMPARED_LEAVES, CompareView, Compared, Group, Standing};
pub use guide::{FormRow, Guide, GuideStage, MODES};
pub use lists::{ListView, LogView, PluginsView, ReplayView, SessionsView};
pub use overlay::{Overlay, Prompt, QuitChoice};

use crate::action::{Action, Bindings, Scope};
use crate::bench::SessionRow;
use crate::glyph::Glyphs;
use crate::plot::{Placed, Scale};
use crate::run::{Axis, RunView};
use crate::series::Series;
use crate::term::images::Images;
use crate::theme::Theme;
use plugin_api::scene::Scene;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of actions says what each one is")]
pub enum Screen {
    #[default]
    Cockpit,
    Compare,
    Replay,
    Sessions,
    Buffer,
    Plugins,
    Log,
}

/// All screens, in the order of their numbers.
pub const SCREENS: [(Screen, &str, Action); 7] = [
    (Screen::Cockpit, "Cockpit", Action::Cockpit),
    (Screen::Compare, "Compare", Action::Compare),
    (Screen::Replay, "Replay", Action::Replay),
    (Screen::Sessions, "Sessions", Action::Sessions),
    (Screen::Buffer, "Buffer", Action::Buffer),
    (Screen::Plugins, "Plugins", Action::Plugins),
    (Screen::Log, "Log", Action::Log),
];

/// A panel of the cockpit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Panel {
    /// The return of episodes.
    #[default]
    Return,
    /// The picture of the world.
    Picture,
    /// The first small chart.
    MetricA,
    /// The second small chart.
    MetricB,
    /// How fast it goes, and where the time goes.
    Speed,
    /// What the agent remembers.
    Memory,
    /// The agent's params.
    Params,
    /// The lanes.
    Lanes,
    /// The log.
    Log,
}

/// All panels, in the order of the focus.
pub const PANELS: [Panel; 9] = [
    Panel::Return,
    Panel::Picture,
    Panel::MetricA,
    Panel::MetricB,
    Panel::Speed,
    Panel::Memory,
    Panel::Params,
    Panel::Lanes,
    Panel::Log,
];

/// What a click means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// An action.
    Action(Action),
    /// A panel of the cockpit.
    Panel(Panel),
    /// A row of the list on the screen.
    Row(usize),
    /// A choice in front.
    Choice(usize),
    /// The scrubber of the whole run.
    Scrubber,
}

/// What the charts look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Charts {
    /// Visible part of the x axis, in steps.
    pub window: Option<(f64, f64)>,
    /// Visible part of the y axis of the return.
    pub range: Option<(f64, f64)>,
    /// Which moving mean is shown; 0 for none, then one more than its number.
    pub smooth: usize,
    /// What the x axis shows.
    pub axis: Axis,
    /// How y grows, by the name of the chart.
    pub scales: BTreeMap<String, Scale>,
    /// Whether outliers are left out of the y axis.
    pub clip: bool,
    /// Where the crosshair stands, in steps.
    pub cross: Option<f64>,
    /// Where the mouse points, in steps.
    pub hover: Option<f64>,
    /// The first metric that the small charts show.
    pub metric: usize,
}

impl Default for Charts {
    /// A mean over about a hundred episodes, as everybody quotes it.
    fn default() -> Self {
        Self {
            window: None,
            range: None,
            smooth: 4,
            axis: Axis::default(),
            scales: BTreeMap::new(),
            clip: false,
            cross: None,
            hover: None,
            metric: 0,
        }
    }
}

impl Charts {
    /// Where values are read off: at the crosshair, else where the mouse points.
    pub fn reads_at(&self) -> Option<f64> {
        self.cross.or(self.hover)
    }

    /// The moving mean that is shown.
    pub fn weight(&self) -> Option<usize> {
        self.smooth.checked_sub(1)
    }
}

/// A short message in front of everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// When it goes away, in seconds of the screen's clock.
    pub until: f64,
}

/// Something that takes its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// What it is.
    pub says: String,
    /// How far it has come, 0 to 1, where that is known.
    pub part: Option<f64>,
}

/// What the last picture of the screen left for the mouse.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Where clicks mean something, the hindmost first.
    pub hits: Vec<(Rect, Hit)>,
    /// Where charts lie, by name.
    pub charts: Vec<(String, Placed)>,
    /// Rows that a list shows at once.
    pub page: usize,
    /// The field that was left to a picture of pixels, and whose picture it is.
    pub image: Option<(Rect, Shown)>,
}

/// Whose picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// That of the watched lane.
    Lane,
    /// That of the step of an episode.
    Step,
}

/// Everything the screen shows.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct State {
    /// Columns and rows.
    pub size: (u16, u16),
    /// Seconds since the screen was opened.
    pub now: f64,
    /// Colors.
    pub theme: Theme,
    /// Whether somebody has chosen them.
    pub is_theme_chosen: bool,
    /// Characters.
    pub glyphs: Glyphs,
    /// Whether there are colors.
    pub has_colors: bool,
    /// Whether pictures that move are left out.
    pub reduced_motion: bool,
    /// Which keys ask for what.
    pub bindings: Bindings,
    /// The screen in front.
    pub screen: Screen,
    /// The panel that has the focus.
    pub panel: Panel,
    /// Whether it is shown alone.
    pub is_alone: bool,
    /// The chosen param.
    pub param: usize,
    /// Whether small screens show the picture instead of metrics.
    pub shows_picture: bool,
    /// Runs under way or finished, in the order they began.
    pub runs: Vec<RunView>,
    /// The one that is looked at.
    pub run: usize,
    /// Returns of a run that was pinned as the baseline, and its name.
    pub baseline: Option<(String, Series)>,
    /// What the charts look at.
    pub charts: Charts,
    /// What is open in front.
    pub overlay: Option<Overlay>,
    /// Short messages.
    pub toasts: Vec<Toast>,
    /// The Sessions screen.
    pub sessions: SessionsView,
    /// The Plugins screen.
    pub plugins: PluginsView,
    /// The Log screen.
    pub log: LogView,
    /// The Compare screen.
    pub compare: CompareView,
    /// The Replay screen.
    pub replay: ReplayView,
    /// What takes its time at the moment.
    pub work: Option<Work>,
    /// The row of the Buffer screen, and which draw it belongs to.
    pub peek: (ListView, u64),
    /// Whether the terminal has the focus.
    pub is_focused: bool,
    /// Whether the screen is recorded.
    pub is_recording: bool,
    /// Whether somebody pressed ctrl-c.
    pub is_interrupted: bool,
    /// Whether the program ends as soon as the runs have.
    pub is_leaving: bool,
    /// How the terminal takes pictures of pixels, if it does.
    pub images: Option<Images>,
    /// What the last picture left for the mouse.
    pub map: Map,
    /// Where the mouse went down, for dragging.
    pub drag: Option<(u16, u16)>,
    /// Whether the place in the whole run follows the mouse.
    pub is_scrubbing: bool,
    /// A box that is drawn on a chart, to be zoomed into: two corners.
    pub zoom_box: Option<[(u16, u16); 2]>,
}

/// The smallest screen on which there is something to see.
pub const SMALLEST: (u16, u16) = (20, 3);

impl State {
    /// The run that is looked at.
    pub fn current(&self) -> Option<&RunView> {
        self.runs.get(self.run)
    }

    /// The run that is looked at.
    pub fn current_mut(&mut self) -> Option<&mut RunView> {
        self.runs.get_mut(self.run)
    }

    /// Sessions that can be compared, as far as they pass the filter.
    pub fn comparable(&self) -> impl Iterator<Item = &SessionRow> {
        let rows = self.sessions.rows.iter().flatten();
        rows.filter(|row| self.compare.list.passes(&row.name))
    }

    /// The chosen one of them.
    pub fn compared(&self) -> Option<&str> {
        self.comparable().nth(self.compare.list.at).map(|row| &row.name[..])
    }

    /// What the charts of the screen in front look at.
    pub fn looks(&self) -> &Charts {
        if self.screen == Screen::Compare { &self.compare.charts } else { &self.charts }
    }

    /// What the charts of the screen in front look at.
    pub fn looks_mut(&mut self) -> &mut Charts {
        if self.screen == Screen::Compare { &mut self.compare.charts } else { &mut self.charts }
    }

    /// Whether series have to be told apart without colors.
    pub fn is_plain(&self) -> bool {
        !self.has_colors || self.theme.series(0) == self.theme.series(1)
    }

    /// Whether a run would end with this process.
    pub fn is_under_way(&self) -> bool {
        self.runs.iter().any(RunView::is_under_way)
    }

    /// Whether the screen is too small for anything.
    pub fn is_too_small(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }

    /// Scopes of the screen in front, the narrowest first.
    pub fn scopes(&self) -> &'static [Scope] {
        use Scope::{Buffer, Charts, Compare, Everywhere, Plugins, Replay, Run, Sessions};
        match self.screen {
            Screen::Cockpit => &[Run, Charts, Everywhere],
            Screen::Compare => &[Compare, Charts, Run, Everywhere],
            Screen::Replay => &[Replay, Everywhere],
            Screen::Sessions => &[Sessions, Run, Everywhere],
            Screen::Plugins => &[Plugins, Run, Everywhere],
            Screen::Buffer => &[Buffer, Run, Everywhere],
            Screen::Log => &[Run, Everywhere],
        }
    }

    /// Shows a short message.
    pub fn toast(&mut self, text: impl Into<String>) {
        const SECONDS: f64 = 4.0;
        const MOST: usize = 3;
        let text = text.into();
        self.toasts.retain(|toast| toast.text != text);
        if self.toasts.len() == MOST {
            self.toasts.remove(0);
        }
        self.toasts.push(Toast { text, until: self.now + SECONDS });
    }

    /// When the picture changes although nothing happens; never, mostly.
    pub fn next_change(&self) -> Option<f64> {
        let is_watched = self.screen == Screen::Replay;
        let step = self.replay.due.filter(|_| is_watched);
        self.toasts.iter().map(|toast| toast.until).chain(step).reduce(f64::min)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: f64) {
        self.now = now;
        if self.screen == Screen::Replay {
            self.replay.tick(now);
        }
        self.toasts.retain(|toast| toast.until > now);
    }

    /// Whether pictures of pixels can be shown: nothing lies in front of them, and no recording has
    /// to do without.
    pub fn shows_images(&self) -> bool {
        let is_covered = self.overlay.is_some() || self.work.is_some() || !self.toasts.is_empty();
        self.images.is_some() && !is_covered && !self.is_recording
    }

    /// The scene of a picture.
    pub fn scene(&self, shown: Shown) -> Option<&Scene> {
        match shown {
            Shown::Lane => self.current()?.picture.as_ref()?.1.as_deref(),
            Shown::Step => self.replay.film.frames.get(self.replay.at)?.scene.as_ref(),
        }
    }

    /// Whether the picture of the world can be seen.
    pub fn wants_picture(&self) -> bool {
        self.screen == Screen::Cockpit
            && !self.is_too_small()
            && !self.reduced_motion
            && match crate::view::tier(self.size) {
                _ if self.is_alone => self.panel == Panel::Picture,
                crate::view::Tier::Large => true,
                crate::view::Tier::Medium => self.shows_picture,
                _ => false,
            }
    }
}
