//! The guided start: agent, world, params, go.

use super::{Effect, Msg};
use crate::bench::Offer;
use crate::line::Line;
use crate::state::{FormRow, Guide, GuideStage, Overlay, State};
use crate::term::{Code, Key};

/// Something that was asked for has come.
pub(super) fn loaded(state: &mut State, msg: Msg<'_>) -> Vec<Effect> {
    let Some(Overlay::Guide(guide)) = &mut state.overlay else { return Vec::new() };
    match msg {
        Msg::Agents(agents) => guide.agents = agents,
        Msg::Envs(envs) => {
            guide.envs = envs;
            guide.at = guide.envs.iter().position(|env| env.preset).unwrap_or(0);
        }
        Msg::Form(Ok(form)) => {
            guide.form = form;
            guide.stage = GuideStage::Form;
            // The first row is the start itself.
            (guide.at, guide.error) = (0, None);
        }
        Msg::Form(Err(error)) => guide.error = Some(error),
        _ => {}
    }
    Vec::new()
}

/// The list in front and how long it is; the form has a row to start on top.
fn length(guide: &Guide) -> usize {
    match guide.stage {
        GuideStage::Agent => guide.agents.len(),
        GuideStage::Env => guide.envs.len(),
        GuideStage::Form => guide.rows().len() + 1,
    }
}

pub(super) fn press(state: &mut State, key: Key, mut guide: Box<Guide>) -> Vec<Effect> {
    if let Some(mut line) = guide.writing.take() {
        match key.code {
            Code::Esc => {}
            Code::Enter => match guide.set(guide.at - 1, line.text().trim()) {
                Ok(()) => guide.error = None,
                Err(error) => {
                    guide.error = Some(error);
                    guide.writing = Some(line);
                }
            },
            _ => {
                line.press(key);
                guide.writing = Some(line);
            }
        }
        state.overlay = Some(Overlay::Guide(guide));
        return Vec::new();
    }
    let last = length(&guide).saturating_sub(1);
    let mut effects = Vec::new();
    match key.code {
        Code::Up | Code::Char('k') => guide.at = guide.at.saturating_sub(1),
        Code::Down | Code::Char('j') => guide.at = (guide.at + 1).min(last),
        Code::PageUp => guide.at = guide.at.saturating_sub(10),
        Code::PageDown => guide.at = (guide.at + 10).min(last),
        Code::Home => guide.at = 0,
        Code::End => guide.at = last,
        Code::Enter | Code::Right | Code::Char(' ' | 'l') => effects = go_on(&mut guide),
        Code::Esc | Code::Left | Code::Char('h') => match guide.stage {
            GuideStage::Agent => return Vec::new(),
            GuideStage::Env => (guide.stage, guide.at) = (GuideStage::Agent, 0),
            GuideStage::Form => (guide.stage, guide.at) = (GuideStage::Env, 0),
        },
        Code::Char('q') => return super::act(state, crate::action::Action::Quit),
        _ => {}
    }
    state.overlay = Some(Overlay::Guide(guide));
    effects
}

/// Takes the chosen row.
pub(super) fn go_on(guide: &mut Guide) -> Vec<Effect> {
    let chosen = |offers: &[Offer]| offers.get(guide.at).cloned();
    match guide.stage {
        GuideStage::Agent => {
            let Some(agent) = chosen(&guide.agents) else { return Vec::new() };
            if let Some(why) = agent.unfit {
                guide.error = Some(why);
                return Vec::new();
            }
            guide.plan.agent = format!("{}:{}", agent.plugin, agent.name);
            (guide.plan.set, guide.plan.env_set) = (Vec::new(), Vec::new());
            (guide.stage, guide.at, guide.error) = (GuideStage::Env, 0, None);
            guide.envs.clear();
            vec![Effect::LoadEnvs(guide.plan.agent.clone())]
        }
        GuideStage::Env => {
            let Some(env) = chosen(&guide.envs) else { return Vec::new() };
            if let Some(why) = env.unfit {
                guide.error = Some(format!("{}: {why}", env.name));
                return Vec::new();
            }
            guide.plan.env = format!("{}:{}", env.plugin, env.name);
            vec![Effect::LoadForm(guide.plan.agent.clone(), guide.plan.env.clone())]
        }
        GuideStage::Form if guide.at == 0 => guide.plans().into_iter().map(Effect::Start).collect(),
        GuideStage::Form => {
            let Some(row) = guide.rows().into_iter().nth(guide.at - 1) else { return Vec::new() };
            match next(&row) {
                Some(choice) => guide.error = guide.set(guide.at - 1, &choice).err(),
                None => guide.writing = Some(Line::of(&row.value)),
            }
            Vec::new()
        }
    }
}

/// What comes after the chosen one of a few choices; nothing where the row is written.
fn next(row: &FormRow) -> Option<String> {
    let at = row.choices.iter().position(|choice| *choice == row.value);
    let next = at.map_or(0, |at| (at + 1) % row.choices.len());
    row.choices.get(next).cloned()
}
