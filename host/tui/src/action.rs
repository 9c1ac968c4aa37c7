//! Everything that can be asked of the screen, in one table: keys, palette, help, footer and the
//! document all come from it.

use crate::term::Key;

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the table below says what each one does")]
pub enum Action {
    Cockpit,
    Compare,
    Replay,
    Sessions,
    Buffer,
    Plugins,
    Log,
    NextFocus,
    PreviousFocus,
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    PageUp,
    PageDown,
    Open,
    Back,
    Filter,
    Palette,
    Help,
    Redraw,
    Suspend,
    Quit,
    Detach,
    Interrupt,
    NewRun,
    NextRun,
    Theme,
    Record,
    Export,
    Copy,
    Pause,
    StepRound,
    StepUpdate,
    StepEpisode,
    RunUntil,
    Edit,
    Undo,
    Redo,
    Snapshot,
    Stop,
    Mend,
    Branch,
    Tag,
    Note,
    NextAlert,
    Explain,
    ZoomIn,
    ZoomOut,
    ZoomHome,
    PanLeft,
    PanRight,
    TallIn,
    TallOut,
    SmoothLess,
    SmoothMore,
    Axis,
    Scale,
    Clip,
    Crosshair,
    Metric,
    Pin,
    Marker,
    NextLane,
    Picture,
    Resume,
    Watch,
    Verify,
    Delete,
    Refresh,
    Select,
    SelectAll,
    Group,
    Check,
    NewPlugin,
    Forward,
    Backward,
    NextEpisode,
    PreviousEpisode,
    Faster,
    Slower,
    Play,
    ScrubBack,
    ScrubOn,
    ScrubMark,
    BranchHere,
    Draw,
}

/// Where an action can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// Wherever a run is meant: on all screens but Replay.
    Run,
    /// Where charts are: Cockpit and Compare.
    Charts,
    /// On the Compare screen.
    Compare,
    /// On the Replay screen.
    Replay,
    /// On the Sessions screen.
    Sessions,
    /// On the Buffer screen.
    Buffer,
    /// On the Plugins screen.
    Plugins,
}

impl Scope {
    /// Its name in help and documents.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Run => "The run",
            Self::Charts => "Charts",
            Self::Compare => "Compare",
            Self::Replay => "Replay",
            Self::Sessions => "Sessions",
            Self::Buffer => "Buffer",
            Self::Plugins => "Plugins",
        }
    }
}

/// All scopes, in the order of help and documents.
pub const SCOPES: [Scope; 8] = [
    Scope::Everywhere,
    Scope::Run,
    Scope::Charts,
    Scope::Compare,
    Scope::Replay,
    Scope::Sessions,
    Scope::Buffer,
    Scope::Plugins,
];

/// What there is to know about an action.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its name in the palette and in the config.
    pub name: &'static str,
    /// Its keys unless bound otherwise, separated by blanks.
    pub keys: &'static str,
    /// Where it can be asked for.
    pub scope: Scope,
    /// What it does.
    pub says: &'static str,
    /// The word for it at the foot of the screen; empty where it is not shown there.
    pub hint: &'static str,
}

macro_rules! actions {
    ($($scope:ident {
        $($action:ident $name:literal $keys:literal $says:literal $hint:literal)*
    })*) => {
        /// The table.
        pub const ACTIONS: &[Spec] = &[$($(Spec {
            action: Action::$action,
            name: $name,
            keys: $keys,
            scope: Scope::$scope,
            says: $says,
            hint: $hint,
        },)*)*];
    };
}

actions! {
    Run {
        Pause "pause" "space" "Pause the run, or let it go on" "pause"
        StepRound "step" "." "Take one round: a step of every lane, or the agent's rollout" "step"
        StepUpdate "step-update" "," "Go on to the next update of the agent" ""
        StepEpisode "step-episode" ";" "Go on to the end of an episode" ""
        RunUntil "run-until" "U" "Go on until a condition holds, such as `return>=475`" ""
        Edit "edit" "e" "Change a live param of the agent" "edit"
        Undo "undo" "u" "Take the latest edit back" ""
        Redo "redo" "ctrl-r" "Make the edit again that was taken back" ""
        Snapshot "save" "s" "Save where the run stands" "save"
        Branch "branch" "b" "Branch a new session off where the run was saved last" ""
        Tag "tag" "t" "Put a tag on the session" ""
        Note "note" "!" "Write a note on the session" ""
        Stop "stop" "S" "Stop the run and save it" ""
        Mend "mend" "M" "Put lanes that failed back to work" ""
        NextAlert "alert" "a" "Go to the latest alert on the charts" ""
        Explain "explain" "A" "Say what the latest alert means and what usually helps" ""
        NextLane "lane" "w" "Watch the next lane" "lane"
        Picture "picture" "v" "Show or hide the picture of the world" ""
    }
    Charts {
        ZoomIn "zoom-in" "+ =" "Look at less of the x axis" "zoom"
        ZoomOut "zoom-out" "-" "Look at more of the x axis" ""
        ZoomHome "zoom-home" "0" "Look at everything again" ""
        PanLeft "pan-left" "shift-left H" "Move to the left along x" ""
        PanRight "pan-right" "shift-right L" "Move to the right along x" ""
        TallIn "zoom-in-y" "}" "Look at less of the y axis" ""
        TallOut "zoom-out-y" "{" "Look at more of the y axis" ""
        SmoothMore "smooth-more" "]" "Smooth the lines more" "smooth"
        SmoothLess "smooth-less" "[" "Smooth the lines less" ""
        Axis "x-axis" "x" "Steps, time, episodes or updates along x" ""
        Scale "y-scale" "y" "Let y grow evenly, by powers of ten, or so on both sides of 0" ""
        Clip "clip" "o" "Leave outliers out of the y axis, or take them in" ""
        Crosshair "crosshair" "c" "Read values off the charts; arrows move it" "cross"
        Metric "metric" "m" "Show the next metrics in the small charts" ""
        Pin "pin" "p" "Keep the chosen run as the baseline behind the charts" ""
        Marker "marker" "'" "Go to the next mark on the x axis" ""
    }
    Compare {
        Select "select" "space" "Take the run in, or leave it out" "select"
        SelectAll "select-all" "*" "Take in all that the filter shows, or leave them out" "all"
        Group "group" "G" "Put seeds of the same settings together" "group"
    }
    Replay {
        Play "play" "space" "Play, or stand still" "play"
        Forward "forward" "right l" "A step on" "step"
        Backward "backward" "left h" "A step back" ""
        NextEpisode "next-episode" "}" "To the next episode" "episode"
        PreviousEpisode "previous-episode" "{" "To the episode before" ""
        Faster "faster" ">" "Play faster" "speed"
        Slower "slower" "<" "Play slower" ""
        ScrubBack "scrub-back" "shift-left H" "Back in the run; enter opens the closest episode" ""
        ScrubOn "scrub-on" "shift-right L" "On in the run" "scrub"
        ScrubMark "scrub-mark" "m '" "To the next mark of the run" "mark"
        BranchHere "branch-here" "b" "Branch a new session off at the cursor" "branch here"
    }
    Sessions {
        Resume "resume" "r" "Go on with the session" "resume"
        Watch "watch" "p" "Play a recorded episode of the session, step by step" "watch"
        Verify "verify" "V" "Read every byte of the session" "verify"
        Delete "delete" "d delete" "Delete the session; undo brings it back" "delete"
        Refresh "refresh" "R" "Look again" ""
    }
    Buffer {
        Draw "draw" "r" "Draw other steps from the memory" "draw"
    }
    Plugins {
        Check "check" "V" "Try the plugin file: layout, seeds, bounds, saving, panics" "check"
        NewPlugin "new-plugin" "n" "Write a new agent or world, a crate that builds as it is" "new"
        Refresh "reload" "R" "Look for plugins again" "reload"
    }
    Everywhere {
        Cockpit "cockpit" "1" "The run as it goes" ""
        Compare "compare" "2" "Runs side by side" ""
        Replay "replay" "3" "An episode step by step" ""
        Sessions "sessions" "4" "All sessions" ""
        Buffer "buffer" "5" "What the agent remembers" ""
        Plugins "plugins" "6" "Agents and worlds there are" ""
        Log "log" "7" "Everything that was said" ""
        NextFocus "focus" "tab" "To the next panel" "focus"
        PreviousFocus "focus-back" "shift-tab" "To the panel before" ""
        Up "up" "up k" "Up" ""
        Down "down" "down j" "Down" ""
        Left "left" "left h" "Left" ""
        Right "right" "right l" "Right" ""
        First "first" "home g" "To the first" ""
        Last "last" "end" "To the last" ""
        PageUp "page-up" "pageup" "A page up" ""
        PageDown "page-down" "pagedown" "A page down" ""
        Open "open" "enter" "Open what is chosen, or show the panel alone" ""
        Back "back" "esc" "Back" ""
        Filter "filter" "/" "Show only what holds a text" ""
        NewRun "new" "N" "Begin a new run" ""
        NextRun "next-run" ")" "To the next run" ""
        Theme "theme" "T" "Other colors" ""
        Record "record" "ctrl-o" "Record the screen to a file, or stop" ""
        Export "export" "X" "Save the screen as text and as a picture" ""
        Copy "copy" "Y" "Copy the line under the crosshair, or the name of the session" ""
        Palette "palette" ":" "All actions by name" "actions"
        Help "help" "?" "What the keys do" "help"
        Redraw "redraw" "ctrl-l" "Draw the whole screen again" ""
        Suspend "suspend" "ctrl-z" "Back to the shell; `fg` returns" ""
        Quit "quit" "q" "Quit; asks what is to become of runs" "quit"
        Detach "detach" "D" "Leave the screen; runs go on, `thorndike attach` returns" ""
        Interrupt "interrupt" "ctrl-c" "Stop all runs, save them and quit; twice: at once" ""
    }
}

/// What there is to know about an action.
pub fn spec(action: Action) -> &'static Spec {
    ACTIONS.iter().find(|spec| spec.action == action).expect("every action is in the table")
}

/// The table of keys as a document shows it.
pub fn table() -> String {
    let bindings = Bindings::default();
    let row = |spec: &Spec| {
        let keys = bindings.keys(spec.scope, spec.action);
        let keys: Vec<String> = keys.split(' ').map(|key| format!("`{key}`")).collect();
        format!("| {} | `{}` | {} |\n", keys.join(" "), spec.name, spec.says)
    };
    let part = |scope: Scope| {
        let rows: String = ACTIONS.iter().filter(|spec| spec.scope == scope).map(row).collect();
        let title = scope.title();
        format!("\n### {title}\n\n| keys | name | what it does |\n| --- | --- | --- |\n{rows}")
    };
    SCOPES.into_iter().map(part).collect()
}

/// Which keys ask for what.
#[derive(Clone, Debug)]
pub struct Bindings {
    bound: Vec<(Scope, Key, Action)>,
}

impl Default for Bindings {
    fn default() -> Self {
        let keys = |spec: &'static Spec| {
            let key = |name| Key::named(name).expect("the table names keys");
            spec.keys.split(' ').map(move |name| (spec.scope, key(name), spec.action))
        };
        Self { bound: ACTIONS.iter().flat_map(keys).collect() }
    }
}

impl Bindings {
    /// Binds an action to other keys, or says what is wrong.
    pub fn bind(&mut self, name: &str, keys: &str) -> Result<(), String> {
        let known: Vec<&str> = ACTIONS.iter().map(|spec| spec.name).collect();
        let Some(spec) = ACTIONS.iter().find(|spec| spec.name == name) else {
            let close = thorndike_engine::registry::closest(name, &known);
            let meant = close.map(|close| format!("; did you mean `{close}`?"));
            return Err(format!("there is no action `{name}`{}", meant.unwrap_or_default()));
        };
        let mut new = Vec::new();
        for key in keys.split_whitespace() {
            let named = Key::named(key);
            let named = named.ok_or_else(|| {
                format!("`{key}` is no key; keys are written `a`, `space`, `ctrl-r`, `shift-left`")
            })?;
            let taken = self.bound.iter().find(|(scope, bound, action)| {
                *bound == named && *action != spec.action && *scope == spec.scope
            });
            if let Some((_, _, action)) = taken {
                let other = self::spec(*action).name;
                return Err(format!(
                    "`{key}` cannot be `{name}`: it is `{other}`, which needs another key first"
                ));
            }
            new.push((spec.scope, named, spec.action));
        }
        self.bound.retain(|(scope, _, action)| (*scope, *action) != (spec.scope, spec.action));
        self.bound.extend(new);
        Ok(())
    }

    /// What a key asks for where these scopes hold, the narrowest first.
    pub fn action(&self, scopes: &[Scope], key: Key) -> Option<Action> {
        scopes.iter().find_map(|scope| {
            let found = self.bound.iter().find(|(of, bound, _)| of == scope && *bound == key);
            found.map(|(_, _, action)| *action)
        })
    }

    /// The first key of an action, as it is written; empty where it has none.
    pub fn key(&self, action: Action) -> String {
        let found = self.bound.iter().find(|(_, _, bound)| *bound == action);
        found.map_or_else(String::new, |(_, key, _)| key.to_string())
    }

    /// All keys of an action in a scope.
    pub fn keys(&self, scope: Scope, action: Action) -> String {
        let own = self.bound.iter().filter(|(of, _, bound)| (*of, *bound) == (scope, action));
        own.map(|(_, key, _)| key.to_string()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        let mut seen = BTreeSet::new();
        for (scope, key, action) in Bindings::default().bound {
            assert!(seen.insert((scope.title(), key)), "{key} is bound twice: {action:?}");
        }
        // Those that hold together on the cockpit never hide each other.
        let together = [Scope::Run, Scope::Charts, Scope::Everywhere];
        let mut seen = BTreeSet::new();
        for (scope, key, action) in Bindings::default().bound {
            if together.contains(&scope) {
                assert!(seen.insert(key), "{key} is bound twice: {action:?}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_sentences_are_whole() {
        let names: BTreeSet<_> = ACTIONS.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        for spec in ACTIONS {
            assert!(spec.says.starts_with(char::is_uppercase), "{}", spec.says);
            assert!(!spec.says.ends_with('.') && !spec.keys.is_empty(), "{}", spec.name);
        }
    }

    #[test]
    fn the_document_has_the_table_as_it_is() {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SCREEN.md");
        let document = std::fs::read_to_string(document).expect("the document is there");
        let table = table();
        assert!(document.ends_with(&table), "the end of docs/SCREEN.md is to be\n{table}");
    }

    #[test]
    fn keys_can_be_bound_otherwise() {
        let mut bindings = Bindings::default();
        bindings.bind("pause", "ctrl-p F").expect("both are free");
        let scopes = [Scope::Run, Scope::Everywhere];
        assert_eq!(bindings.action(&scopes, Key::char('F')), Some(Action::Pause));
        assert_eq!(bindings.action(&scopes, Key::char(' ')), None);
        let wrong = |name: &str, keys: &str, part: &str| {
            let error = Bindings::default().bind(name, keys).expect_err("it is wrong");
            assert!(error.contains(part), "{error}");
        };
        wrong("puase", "p", "did you mean `pause`?");
        wrong("pause", "hyper-p", "is no key");
        wrong("pause", ".", "it is `step`");
    }
}
